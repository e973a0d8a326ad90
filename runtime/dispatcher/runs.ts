import { attemptKey } from "../contract/ids.ts";
import type { Log } from "../contract/log.ts";
import { type Attempt, type EndTransition, type Executor, isEnd } from "../ports/executor.ts";

/** The runs of one dispatcher: those it has submitted and those it has found running. */
export interface Runs {
  /** Submits the attempt, or joins the run that has its key, and waits for the end. */
  run(attempt: Attempt): Promise<EndTransition>;
  /** Whether the attempt runs, by whomever it was submitted. */
  isRunning(executionId: string, attempt: number): Promise<boolean>;
  /** Waits for the end of a run that is running. */
  join(executionId: string, attempt: number): Promise<EndTransition>;
  /** Ends the runs that somebody waits for here; each is then lost. */
  cancelAll(): Promise<void>;
}

interface Run {
  readonly ended: Promise<EndTransition>;
  readonly end: (transition: EndTransition) => void;
  /** Resolves once the executor has the run, or has refused it. */
  submitted: Promise<unknown>;
  isAwaited: boolean;
}

function makeRun(): Run {
  const { promise, resolve } = Promise.withResolvers<EndTransition>();
  return { ended: promise, end: resolve, submitted: Promise.resolve(), isAwaited: false };
}

/**
 * Follows an executor: watches first, then lists what runs already, so that no end falls between.
 *
 * @param signal ends the watch
 */
export async function followRuns(executor: Executor, log: Log, signal: AbortSignal): Promise<Runs> {
  const active = new Map<string, Run>();
  /** Ends told while the executor was being listed: the listing may hold them still. */
  const endedMeanwhile = new Set<string>();
  let listings = 0;

  async function watch(): Promise<void> {
    for await (const transition of executor.watch(signal)) {
      if (!isEnd(transition)) continue;
      active.get(transition.key)?.end(transition);
      active.delete(transition.key);
      if (listings > 0) endedMeanwhile.add(transition.key);
    }
  }
  watch().catch((error: unknown) =>
    log.error({ error }, "cannot watch the executor any more; its runs are found again after a restart"),
  );

  async function adopt(): Promise<void> {
    listings += 1;
    try {
      const listed = await Array.fromAsync(executor.list(), ({ key }) => key);
      for (const key of listed) {
        if (!active.has(key) && !endedMeanwhile.has(key)) active.set(key, makeRun());
      }
    } finally {
      listings -= 1;
      if (listings === 0) endedMeanwhile.clear();
    }
  }

  function wait(run: Run): Promise<EndTransition> {
    run.isAwaited = true;
    return run.ended;
  }

  async function run(attempt: Attempt): Promise<EndTransition> {
    const { key } = attempt;
    const known = active.get(key);
    if (known !== undefined) return wait(known);
    const started = makeRun();
    active.set(key, started);
    const ended = wait(started);
    const submitting = executor.submit(attempt);
    started.submitted = submitting.catch(() => {
      // Told by the line below.
    });
    try {
      await submitting;
    } catch (thrown) {
      active.delete(key);
      started.end({ key, state: "lost", reason: "it could not be started" });
      throw thrown;
    }
    return ended;
  }

  await adopt();

  return {
    run,
    isRunning: async (executionId, attempt) => {
      const key = attemptKey(executionId, attempt);
      if (!active.has(key)) await adopt();
      return active.has(key);
    },
    join: async (executionId, attempt) => {
      const key = attemptKey(executionId, attempt);
      const run = active.get(key);
      return run === undefined ? { key, state: "lost", reason: "it ended unseen" } : wait(run);
    },
    cancelAll: async () => {
      const awaited = [...active].filter(([, run]) => run.isAwaited);
      await Promise.all(awaited.map(([key, { submitted }]) => submitted.then(() => executor.cancel(key))));
    },
  };
}
