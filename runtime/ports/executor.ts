import type { Readable } from "node:stream";
import type { Failure } from "../contract/documents.ts";
import type { IonEvent } from "../contract/event.ts";
import type { ModuleSpec } from "../contract/module.ts";

/** One run of an execution: prepare -> module -> commit. */
export interface Attempt {
  /** `attemptKey(executionId, attempt)`. */
  readonly key: string;
  readonly executionId: string;
  /** From 1. */
  readonly attempt: number;
  readonly event: IonEvent;
  readonly module: ModuleSpec;
  /** What of the module runs: image digest or content hash. */
  readonly version: string;
  /** When the execution's first attempt began, in milliseconds since 1970. */
  readonly executionStartedAt: number;
  readonly interruptions: number;
  readonly forgiven: number;
}

/** How a run goes on, and how it ends: exactly one of the last three is a run's last transition. */
export type Transition =
  | { readonly key: string; readonly state: "preparing" | "running" | "committing" }
  /** What the module says of itself. */
  | { readonly key: string; readonly state: "progress"; readonly fraction: number; readonly message: string }
  | { readonly key: string; readonly state: "succeeded" }
  | { readonly key: string; readonly state: "failed"; readonly failure: Failure }
  /** The run ended through no fault of the module: its node went away, the runtime stopped. */
  | { readonly key: string; readonly state: "lost"; readonly reason: string };

export type EndTransition = Extract<Transition, { state: "succeeded" | "failed" | "lost" }>;

export function isEnd(transition: Transition): transition is EndTransition {
  return transition.state === "succeeded" || transition.state === "failed" || transition.state === "lost";
}

export interface Running {
  readonly key: string;
  readonly executionId: string;
  readonly attempt: number;
}

/** Runs attempts. */
export interface Executor {
  /** Starts a run. The same key twice MUST be one run. Resolves once the run can't be forgotten any more, not when it has ended. */
  submit(attempt: Attempt): Promise<void>;
  /** Every transition from now on, of runs that were submitted by whomever. MUST tell the end of each run exactly once to each watcher. */
  watch(signal: AbortSignal): AsyncIterable<Transition>;
  /** The runs that have not ended. */
  list(): AsyncIterable<Running>;
  /** Ends a run; it is then `lost`. A run that has ended, or never was, MUST NOT fail it. */
  cancel(key: string): Promise<void>;
  /** What the module printed, both streams, in order; readable while it runs. @throws IonError `not-found` */
  logs(key: string): Promise<Readable>;
}
