import type { PipelineSpec } from "../contract/check.ts";
import type { Problem } from "../contract/problem.ts";

/** Declarations to look at. */
export interface DeclarationsRequest {
  /** The file whose default export is the pipeline. */
  readonly pipelineFile: string;
  /** The place where it is to run: `<folder of the pipeline's file>/stacks/<stack>.ts` describes it. @default none */
  readonly stack?: string;
}

/** What checks have found; nothing else is there when a rule is broken. */
export interface Checked {
  readonly problems: readonly Problem[];
  /** Absent when the declarations break a rule without which there is no graph. */
  readonly pipeline?: PipelineSpec;
}

/** What becomes of one file of manifests. */
export interface ManifestChange {
  readonly file: string;
  readonly kind: "created" | "changed" | "unchanged" | "removed";
  /** Empty when the file was not there. */
  readonly before: string;
  /** Empty when the file is gone. */
  readonly after: string;
}

export interface SynthesisRequest extends DeclarationsRequest {
  readonly stack: string;
  /** Where the manifests go; made when it isn't there. */
  readonly folder: string;
  /** Only says what would change. */
  readonly dryRun: boolean;
}

export interface Synthesis extends Checked {
  /** In the order of the files' names; none when a rule is broken. */
  readonly changes: readonly ManifestChange[];
}

/** What the command line does with declarations, without a platform. */
export interface Declarations {
  /** @throws IonError `invalid` when a file can't be loaded; so do all of these. */
  check(request: DeclarationsRequest): Promise<Checked>;
  /**
   * Writes a file of manifests a module and one of the platform's. MUST NOT write anything when a
   * rule is broken, and MUST NOT touch files that it has not made.
   *
   * @throws IonError `conflict` when a file that somebody else made is in the way
   */
  synthesize(request: SynthesisRequest): Promise<Synthesis>;
}
