import { IonError } from "../contract/errors.ts";
import type { Attempt, EndTransition, Executor, Running, Transition } from "./executor.ts";
import { transitionFeed } from "./transition-feed.ts";

type WithoutKey<T> = T extends { readonly key: string } ? Omit<T, "key"> : never;

/** How a run ended. */
export type Outcome = WithoutKey<EndTransition>;
/** How a run goes on. */
export type Step = WithoutKey<Exclude<Transition, EndTransition>>;

/** What a run is given besides its attempt. */
export interface RunContext {
  /** Aborts when the run is cancelled. */
  readonly signal: AbortSignal;
  readonly tell: (step: Step) => void;
  /** Lets the next run begin before this one has ended: it only commits now. */
  readonly yieldSlot: () => void;
}

export interface RunQueueOptions {
  /** Runs at once; the others wait in the order they came. */
  readonly parallel: number;
  readonly perform: (attempt: Attempt, context: RunContext) => Promise<Outcome>;
}

/** The part of an executor that knows which runs there are. */
export interface RunQueue extends Omit<Executor, "logs"> {
  /** Whether the key was submitted and is remembered. */
  has(key: string): boolean;
  /** Takes no run any more and cancels what there is; resolves once all have ended. */
  close(): Promise<void>;
}

interface Run {
  readonly attempt: Attempt;
  readonly controller: AbortController;
  readonly ended: PromiseWithResolvers<void>;
}

/** Ended runs whose keys are remembered, the newest: a repeated submission of one of them starts nothing. */
const maxEnded = 10_000;

function remember(ended: Set<string>, key: string): void {
  ended.add(key);
  if (ended.size <= maxEnded) return;
  for (const oldest of ended) {
    ended.delete(oldest);
    return;
  }
}

async function performSafely(
  perform: RunQueueOptions["perform"],
  run: Run,
  context: RunContext,
): Promise<Outcome> {
  const { signal } = run.controller;
  try {
    const outcome = await perform(run.attempt, context);
    // A cancelled run may have reached its commit: then that counts. Its failure is the cancel's doing.
    if (outcome.state !== "failed" || !signal.aborted) return outcome;
    return { state: "lost", reason: "the attempt was cancelled" };
  } catch (thrown) {
    return { state: "lost", reason: `the attempt broke off: ${IonError.from(thrown).message}` };
  }
}

/** Keeps runs in order: one for each key, a limited number at once, each with one end. */
export function runQueue({ parallel, perform }: RunQueueOptions): RunQueue {
  const feed = transitionFeed();
  const active = new Map<string, Run>();
  const waiting = new Map<string, Run>();
  const ended = new Set<string>();
  let slots = parallel;
  let closed = false;

  const end = (run: Run, outcome: Outcome) => {
    const { key } = run.attempt;
    active.delete(key);
    remember(ended, key);
    feed.tell({ key, ...outcome });
    run.ended.resolve();
  };
  const begin = async (run: Run) => {
    let holdsSlot = true;
    const yieldSlot = () => {
      if (!holdsSlot) return;
      holdsSlot = false;
      slots += 1;
      beginNext();
    };
    const { key } = run.attempt;
    const tell = (step: Step) => feed.tell({ key, ...step });
    slots -= 1;
    end(run, await performSafely(perform, run, { signal: run.controller.signal, tell, yieldSlot }));
    yieldSlot();
  };
  const beginNext = () => {
    for (const [key, run] of waiting) {
      if (slots < 1) return;
      waiting.delete(key);
      void begin(run);
    }
  };
  const cancelRun = (run: Run): Promise<void> => {
    if (waiting.delete(run.attempt.key))
      end(run, { state: "lost", reason: "the attempt was cancelled before it began" });
    else run.controller.abort();
    return run.ended.promise;
  };

  return {
    async submit(attempt) {
      const { key } = attempt;
      if (active.has(key) || ended.has(key)) return;
      if (closed)
        throw new IonError("unavailable", `cannot start attempt '${key}': the executor is stopping`);
      const run = { attempt, controller: new AbortController(), ended: Promise.withResolvers<void>() };
      active.set(key, run);
      waiting.set(key, run);
      beginNext();
    },
    watch: (signal) => feed.watch(signal),
    async *list(): AsyncGenerator<Running, void, undefined> {
      for (const { attempt } of active.values()) {
        yield { key: attempt.key, executionId: attempt.executionId, attempt: attempt.attempt };
      }
    },
    async cancel(key) {
      const run = active.get(key);
      if (run !== undefined) await cancelRun(run);
    },
    has: (key) => active.has(key) || ended.has(key),
    async close() {
      closed = true;
      await Promise.all([...active.values()].map(cancelRun));
    },
  };
}
