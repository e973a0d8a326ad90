import { IonError } from "../../contract/errors.ts";
import type { IonEvent } from "../../contract/event.ts";
import { maxEventBytes } from "../../contract/limits.ts";
import { makeRoutes, type Routes, type Topic } from "../../contract/routing.ts";
import type {
  Bus,
  ConsumeOptions,
  DeadLetter,
  DeadLetters,
  Delivery,
  SubscriptionName,
} from "../../ports/bus.ts";
import type { DeadRow, IncomingMessage, OutgoingMessage } from "./store/protocol.ts";
import type { Store } from "./store/store.ts";

/** A bus whose messages another transaction on the same file may carry. */
export interface LocalBus extends Bus {
  /** Says to which queues events go. @throws IonError as `publish` does */
  route(events: readonly IonEvent[]): readonly OutgoingMessage[];
  /**
   * Gives events to these subscriptions alone from now on. `ensure` removes nothing, so the queue of
   * a module that was taken out of the pipeline would fill for ever; what waits in it stays.
   */
  routeOnlyTo(topics: readonly Topic[]): void;
}

interface LocalTopic {
  readonly id: number;
  readonly queues: ReadonlyMap<string, number>;
  readonly routes: Routes;
}

/** Nobody can take a message away from its holder: only one process has the file. */
const neverLost = new AbortController().signal;

/** The bus in the data folder's file. */
export function localBus({ store }: { readonly store: Store }): LocalBus {
  const topics = new Map<string, LocalTopic>();
  const narrowed = new Map<string, Routes>();
  let nextReceiver = 1;

  async function ensure(wanted: readonly Topic[]): Promise<void> {
    for (const { type, topic, queues } of await store.call("ensure", { topics: wanted })) {
      topics.set(type, {
        id: topic,
        queues: new Map(queues.map(({ module, queue }) => [module, queue])),
        routes: makeRoutes([{ type, subscriptions: queues }]),
      });
    }
  }

  function requireQueue({ topic, module }: SubscriptionName): number {
    const queue = topics.get(topic)?.queues.get(module);
    if (queue !== undefined) return queue;
    throw new IonError("not-found", `there is no subscription '${module}' on topic '${topic}'`);
  }

  function routeOne(event: IonEvent): OutgoingMessage {
    const topic = topics.get(event.type);
    if (topic === undefined) throw new IonError("not-found", `there is no topic '${event.type}'`);
    const body = JSON.stringify(event);
    // A character is at most three bytes of UTF-8: only a long text must be measured.
    if (body.length * 3 > maxEventBytes && Buffer.byteLength(body) > maxEventBytes) {
      throw new IonError(
        "limit",
        `event '${event.id}' has ${Buffer.byteLength(body)} bytes: at most ${maxEventBytes} are allowed; put the data into a file`,
      );
    }
    const routes = narrowed.get(event.type) ?? topic.routes;
    const queues = routes.route(event).map((module) => topic.queues.get(module) ?? 0);
    return { topic: topic.id, event: event.id, body, queues };
  }

  function makeDelivery(queue: number, { sequence, body, redeliveries }: IncomingMessage): Delivery {
    let settled: Promise<unknown> | undefined;
    // The first call decides: a later one must not settle what was delivered to somebody else since.
    const settle = async (write: () => Promise<unknown>): Promise<void> => {
      settled ??= write().catch((error: unknown) => {
        settled = undefined;
        throw error;
      });
      await settled;
    };
    return {
      event: JSON.parse(body) as IonEvent,
      redeliveries,
      lost: neverLost,
      complete: () => settle(() => store.call("complete", { queue, sequence })),
      retry: (after) =>
        settle(() => store.call("retry", { queue, sequence, notBefore: Date.now() + after.milliseconds })),
      deadLetter: (reason) => settle(() => store.call("kill", { queue, sequence, reason })),
    };
  }

  async function* consume(
    subscription: SubscriptionName,
    { credit, signal }: ConsumeOptions,
  ): AsyncGenerator<Delivery> {
    const queue = requireQueue(subscription);
    const receiver = nextReceiver++;
    const stop = () =>
      void store.call("cancel", { receiver }).catch(() => {
        // The store has ended, and with it every receiver.
      });
    signal.addEventListener("abort", stop, { once: true });
    let messages: IncomingMessage[] = [];
    try {
      while (!signal.aborted) {
        messages = [...(await store.call("receive", { queue, most: Math.max(1, credit()), receiver }))];
        for (let message = messages.shift(); message !== undefined; message = messages.shift()) {
          if (signal.aborted) {
            messages.unshift(message);
            break;
          }
          yield makeDelivery(queue, message);
        }
      }
    } finally {
      signal.removeEventListener("abort", stop);
      if (messages.length > 0)
        await store.call("release", { queue, sequences: messages.map(({ sequence }) => sequence) });
    }
  }

  const toDeadLetter = (
    subscription: SubscriptionName,
    { body, code, description, since }: DeadRow,
  ): DeadLetter => ({
    event: JSON.parse(body) as IonEvent,
    subscription,
    reason: { code, description },
    since,
  });

  function deadLetters(subscription: SubscriptionName): DeadLetters {
    const queue = requireQueue(subscription);
    return {
      list: async ({ size = 100, after } = {}) => {
        const rows = await store.call("dead", { queue, size, after: Number(after ?? 0) });
        const items = rows.slice(0, size);
        const last = items.at(-1);
        return {
          items: items.map((row) => toDeadLetter(subscription, row)),
          ...(last !== undefined && rows.length > size && { next: String(last.sequence) }),
        };
      },
      find: async (event) => {
        const row = await store.call("findDead", { queue, event });
        return row === null ? undefined : toDeadLetter(subscription, row);
      },
      resubmit: async (event) => {
        if (await store.call("resubmit", { queue, event })) return;
        throw new IonError("not-found", `module '${subscription.module}' has no dead letter '${event}'`);
      },
    };
  }

  return {
    ensure,
    route: (events) => events.map(routeOne),
    routeOnlyTo: (wanted) => {
      narrowed.clear();
      for (const topic of wanted) narrowed.set(topic.type, makeRoutes([topic]));
    },
    publish: async (events) => void (await store.call("publish", { messages: events.map(routeOne) })),
    consume,
    deadLetters,
    depth: async (subscription) => store.call("depth", { queue: requireQueue(subscription) }),
  };
}
