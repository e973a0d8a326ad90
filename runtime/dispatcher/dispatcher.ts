import type { Clock } from "../contract/clock.ts";
import type { CommitDocument } from "../contract/documents.ts";
import type { Duration } from "../contract/duration.ts";
import type { Ids } from "../contract/ids.ts";
import type { Log } from "../contract/log.ts";
import type { ModuleSpec } from "../contract/module.ts";
import type { Bus, Delivery } from "../ports/bus.ts";
import type { Documents } from "../ports/documents.ts";
import type { Executor } from "../ports/executor.ts";
import { type ExecutionContext, handleDelivery, retryAfterError } from "./execution.ts";
import { followRuns } from "./runs.ts";
import { makeSlots } from "./slots.ts";

export interface DispatcherOptions {
  readonly module: ModuleSpec;
  readonly version: string;
  readonly bus: Bus;
  readonly documents: Documents;
  readonly executor: Executor;
  readonly relay: (commit: CommitDocument) => Promise<void>;
  readonly completeFlow: (flow: string) => Promise<unknown>;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Log;
  /** Executions at once, where the declaration doesn't say. */
  readonly concurrency: number;
  /** @default Math.random */
  readonly random?: () => number;
}

/** Takes the events of one module off the bus and sees each through to its settlement. */
export interface Dispatcher {
  /** Resolves when all executions have ended after a stop, or rejects when the bus can't be read. */
  readonly ended: Promise<void>;
  /** Takes nothing new; after the bound what still runs is ended and handed back. @param within no bound when absent */
  stop(within?: Duration): Promise<void>;
}

/** Starts a dispatcher; it takes events once this resolves. */
export async function startDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  const { module, bus, log, clock } = options;
  const slots = makeSlots(module.concurrency ?? options.concurrency);
  const intake = new AbortController();
  const watching = new AbortController();
  let isEnding = false;
  const runs = await followRuns(options.executor, log, watching.signal);
  const context: ExecutionContext = {
    ...options,
    runs,
    random: options.random ?? Math.random,
    intake: intake.signal,
    isEnding: () => isEnding,
  };
  const handling = new Set<Promise<void>>();

  /** An error here is the platform's, not the module's: the message comes again, and nothing is counted. */
  async function handle(delivery: Delivery): Promise<void> {
    try {
      await handleDelivery(context, delivery);
    } catch (error) {
      const { id, correlationid: flow } = delivery.event;
      log.warn({ module: module.name, event: id, flow, error }, "cannot handle an event; it is tried again");
      await clock.wait(retryAfterError.milliseconds, intake.signal);
      await delivery.retry(retryAfterError, "the platform failed").catch(() => {
        // The bus can't be reached either: the lock will end, and the message comes again.
      });
    }
  }

  async function consume(topic: string): Promise<void> {
    const subscription = { topic, module: module.name };
    const options = { credit: () => slots.free, signal: intake.signal };
    const deliveries = bus.consume(subscription, options)[Symbol.asyncIterator]();
    for (;;) {
      await slots.whenFree(intake.signal);
      const next = await deliveries.next();
      if (next.done) return;
      const giveBack = await slots.take();
      const work = handle(next.value).finally(() => {
        giveBack();
        handling.delete(work);
      });
      handling.add(work);
    }
  }

  const topics = [...new Set(module.on.map(({ type }) => type))];
  const consumers = topics.map(consume);
  const consuming = Promise.all(consumers);
  // A topic that can't be read ends the dispatcher: nothing more is taken from the others either.
  consuming.catch(() => intake.abort());
  const drained = Promise.allSettled(consumers).then(async () => {
    while (handling.size > 0) await Promise.all(handling);
    watching.abort();
  });
  const ended = consuming.then(() => drained);
  ended.catch((error: unknown) => log.error({ module: module.name, error }, "a dispatcher has failed"));

  async function stop(within?: Duration): Promise<void> {
    intake.abort();
    if (within === undefined) return ended;
    const bound = new AbortController();
    const late = clock.wait(within.milliseconds, bound.signal).then(() => "late" as const);
    const first = await Promise.race([ended.then(() => "ended" as const), late]);
    bound.abort();
    if (first === "late") {
      isEnding = true;
      await runs.cancelAll();
    }
    return ended;
  }

  return { ended, stop };
}
