import type { CliContext } from "./context.ts";
import type { ManifestChange } from "./declarations.ts";
import { printJson, printLines } from "./print.ts";
import { renderDiff } from "./render-diff.ts";
import { reportProblems } from "./report-problems.ts";
import { makePaint, type Paint, type Tone } from "./text.ts";

export interface SynthFlags {
  readonly stack: string;
  readonly pipeline: string;
  readonly out: string;
  readonly dryRun?: boolean;
  readonly diff?: boolean;
  readonly json?: boolean;
}

const tones: Readonly<Record<ManifestChange["kind"], Tone>> = {
  created: "good",
  changed: "busy",
  removed: "bad",
  unchanged: "quiet",
};

function renderChange(
  { kind, file, before, after }: ManifestChange,
  withDiff: boolean,
  paint: Paint,
): string[] {
  const head = `${paint(tones[kind], kind.padEnd(9))}  ${file}`;
  return [head, ...(withDiff && kind !== "unchanged" ? renderDiff(before, after, paint) : [])];
}

function summarise(changes: readonly ManifestChange[], folder: string, isDry: boolean): string {
  const counts = (["created", "changed", "removed", "unchanged"] as const)
    .map((kind) => [kind, changes.filter((change) => change.kind === kind).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`);
  return `${folder}: ${counts.join(", ")}${isDry ? "; nothing was written" : ""}`;
}

/**
 * Writes the manifests of a stack, and says what has changed.
 *
 * @throws ReportedFailure when a rule is broken
 */
export async function runSynth(flags: SynthFlags, context: CliContext): Promise<void> {
  const { stack, out, json, diff = false } = flags;
  const isDry = diff || flags.dryRun === true;
  const { problems, changes } = await context.declarations.synthesize({
    pipelineFile: flags.pipeline,
    stack,
    folder: out,
    dryRun: isDry,
  });
  if (problems.length > 0) {
    throw reportProblems(context, problems, { json, consequence: "nothing was written" });
  }
  if (json === true) {
    printJson(context, { problems, changes: changes.map(({ file, kind }) => ({ file, kind })) });
    return;
  }
  const paint = makePaint(context.io.colour);
  printLines(context, [
    ...changes.flatMap((change) => renderChange(change, diff, paint)),
    summarise(changes, out, isDry),
  ]);
}
