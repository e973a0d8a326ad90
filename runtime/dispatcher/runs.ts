import { attemptKey } from "../contract/ids.ts";
import type { Log } from "../contract/log.ts";
import { type Attempt, type EndTransition, type Executor, isEnd } from "../ports/executor.ts";

/** The runs of one dispatcher: those it has submitted and those it has found running. */
export interface Runs {
  /** Submits the attempt, or joins the run that has its key, and waits for the end. */
  run(attempt: Attempt): Promise<EndTransition>;
  isRunning(executionId: string, attempt: number): boolean;
  /** Waits for the end of a run that is running. */
  join(executionId: string, attempt: number): Promise<EndTransition>;
  /** Ends the runs that go on; each is then lost. */
  cancelAll(): Promise<void>;
}

interface Run {
  readonly ended: Promise<EndTransition>;
  readonly end: (transition: EndTransition) => void;
}

function makeRun(): Run {
  const { promise, resolve } = Promise.withResolvers<EndTransition>();
  return { ended: promise, end: resolve };
}

/**
 * Follows an executor: watches first, then lists what runs already, so that no end falls between.
 *
 * @param signal ends the watch
 */
export async function followRuns(executor: Executor, log: Log, signal: AbortSignal): Promise<Runs> {
  const active = new Map<string, Run>();

  async function watch(): Promise<void> {
    for await (const transition of executor.watch(signal)) {
      if (!isEnd(transition)) continue;
      active.get(transition.key)?.end(transition);
      active.delete(transition.key);
    }
  }
  watch().catch((error: unknown) =>
    log.error({ error }, "cannot watch the executor any more; its runs are found again after a restart"),
  );

  for await (const { key } of executor.list()) {
    if (!active.has(key)) active.set(key, makeRun());
  }

  async function run(attempt: Attempt): Promise<EndTransition> {
    const known = active.get(attempt.key);
    if (known !== undefined) return known.ended;
    const started = makeRun();
    active.set(attempt.key, started);
    try {
      await executor.submit(attempt);
    } catch (thrown) {
      active.delete(attempt.key);
      throw thrown;
    }
    return started.ended;
  }

  return {
    run,
    isRunning: (executionId, attempt) => active.has(attemptKey(executionId, attempt)),
    join: async (executionId, attempt) => {
      const key = attemptKey(executionId, attempt);
      return active.get(key)?.ended ?? { key, state: "lost", reason: "it ended unseen" };
    },
    cancelAll: async () => {
      await Promise.all([...active.keys()].map((key) => executor.cancel(key)));
    },
  };
}
