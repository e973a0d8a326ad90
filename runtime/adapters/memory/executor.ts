import { Readable } from "node:stream";
import { IonError } from "../../contract/errors.ts";
import type { Attempt, Executor } from "../../ports/executor.ts";
import { type Outcome, runQueue } from "../../ports/run-queue.ts";

export interface MemoryExecutorOptions {
  /** Stands for prepare, module and commit together. What it throws makes the run `lost`. */
  readonly run: (attempt: Attempt, signal: AbortSignal) => Promise<Outcome>;
  /** Runs at once. @default no limit */
  readonly parallel?: number;
}

/** Runs functions instead of programs, for tests. */
export function memoryExecutor({ run, parallel }: MemoryExecutorOptions): Executor {
  const all = runQueue({
    parallel: parallel ?? Number.POSITIVE_INFINITY,
    async perform(attempt, { signal, tell }) {
      tell({ state: "preparing" });
      tell({ state: "running" });
      const outcome = await run(attempt, signal);
      if (outcome.state === "succeeded") tell({ state: "committing" });
      return outcome;
    },
  });
  return {
    submit: all.submit,
    watch: all.watch,
    list: all.list,
    cancel: all.cancel,
    async logs(key) {
      if (all.has(key)) return Readable.from([], { objectMode: false });
      throw new IonError("not-found", `there is no log of attempt '${key}'`);
    },
  };
}
