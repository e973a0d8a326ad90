import { type Clock, systemClock } from "../../contract/clock.ts";
import { IonError } from "../../contract/errors.ts";
import type { IonEvent } from "../../contract/event.ts";
import { maxEventBytes } from "../../contract/limits.ts";
import { matches, type Topic } from "../../contract/routing.ts";
import type {
  Bus,
  ConsumeOptions,
  DeadLetter,
  DeadLetterReason,
  Delivery,
  SubscriptionName,
} from "../../ports/bus.ts";

interface Entry {
  readonly event: IonEvent;
  readonly sequence: number;
  state: "waiting" | "locked" | "dead";
  notBefore: number;
  redeliveries: number;
  dead?: { reason: DeadLetterReason; since: number };
}

interface Queue {
  readonly subscription: SubscriptionName;
  filters: Topic["subscriptions"][number]["filters"];
  readonly entries: Map<number, Entry>;
  readonly waiting: Set<() => void>;
}

/** A bus in memory that can forget who holds what, as a restart would make it. */
export interface MemoryBus extends Bus {
  /** Gives every locked message back. */
  releaseLocks(): void;
}

const queueKey = ({ topic, module }: SubscriptionName): string => `${topic} ${module}`;

/** A bus in memory. For tests: nothing survives the process. */
export function memoryBus(clock: Clock = systemClock): MemoryBus {
  const topics = new Map<string, { queues: Queue[]; seen: Set<string> }>();
  const queues = new Map<string, Queue>();
  let sequence = 0;

  function requireQueue(subscription: SubscriptionName): Queue {
    const queue = queues.get(queueKey(subscription));
    if (queue !== undefined) return queue;
    throw new IonError(
      "not-found",
      `there is no subscription '${subscription.module}' on topic '${subscription.topic}'`,
    );
  }

  function ensureTopic({ type, subscriptions }: Topic): void {
    const topic = topics.get(type) ?? { queues: [], seen: new Set() };
    topics.set(type, topic);
    for (const { module, filters } of subscriptions) {
      const subscription = { topic: type, module };
      const known = queues.get(queueKey(subscription));
      if (known !== undefined) {
        known.filters = filters;
        continue;
      }
      const queue: Queue = { subscription, filters, entries: new Map(), waiting: new Set() };
      queues.set(queueKey(subscription), queue);
      topic.queues.push(queue);
    }
  }

  const wake = (queue: Queue) => {
    for (const notify of queue.waiting) notify();
  };

  function publishOne(event: IonEvent): void {
    const topic = topics.get(event.type);
    if (topic === undefined || topic.seen.has(event.id)) return;
    topic.seen.add(event.id);
    for (const queue of topic.queues) {
      if (!queue.filters.some((filter) => matches(filter, event.data))) continue;
      sequence += 1;
      queue.entries.set(sequence, { event, sequence, state: "waiting", notBefore: 0, redeliveries: 0 });
      wake(queue);
    }
  }

  function requirePublishable(event: IonEvent): void {
    if (!topics.has(event.type)) throw new IonError("not-found", `there is no topic '${event.type}'`);
    const bytes = Buffer.byteLength(JSON.stringify(event));
    if (bytes > maxEventBytes) {
      throw new IonError(
        "limit",
        `event '${event.id}' has ${bytes} bytes: at most ${maxEventBytes} are allowed; put the data into a file`,
      );
    }
  }

  function makeDelivery(queue: Queue, entry: Entry): Delivery {
    let settled = false;
    const settle = async (change: () => void) => {
      if (settled || entry.state !== "locked") return;
      settled = true;
      change();
      wake(queue);
    };
    return {
      event: structuredClone(entry.event),
      redeliveries: entry.redeliveries,
      lost: new AbortController().signal,
      complete: () => settle(() => queue.entries.delete(entry.sequence)),
      retry: (after) =>
        settle(() => {
          entry.state = "waiting";
          entry.notBefore = clock.now() + after.milliseconds;
          entry.redeliveries += 1;
        }),
      deadLetter: (reason) =>
        settle(() => {
          entry.state = "dead";
          entry.dead = { reason: { ...reason }, since: clock.now() };
        }),
    };
  }

  const findReady = (queue: Queue): Entry | undefined =>
    queue.entries.values().find(({ state, notBefore }) => state === "waiting" && notBefore <= clock.now());

  async function waitForWork(queue: Queue, signal: AbortSignal): Promise<void> {
    const scheduled = [...queue.entries.values()].filter(({ state }) => state === "waiting");
    const next = Math.min(...scheduled.map(({ notBefore }) => notBefore));
    const done = new AbortController();
    await new Promise<void>((resolve) => {
      queue.waiting.add(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true, signal: done.signal });
      if (Number.isFinite(next)) void clock.wait(next - clock.now(), done.signal).then(resolve);
      done.signal.addEventListener("abort", () => queue.waiting.delete(resolve), { once: true });
    });
    done.abort();
  }

  async function* consume(
    subscription: SubscriptionName,
    { signal }: ConsumeOptions,
  ): AsyncGenerator<Delivery> {
    const queue = requireQueue(subscription);
    while (!signal.aborted) {
      const entry = findReady(queue);
      if (entry === undefined) {
        await waitForWork(queue, signal);
        continue;
      }
      entry.state = "locked";
      yield makeDelivery(queue, entry);
    }
  }

  const toDeadLetter = (queue: Queue, entry: Entry): DeadLetter =>
    structuredClone({
      event: entry.event,
      subscription: queue.subscription,
      reason: entry.dead?.reason ?? { code: "unknown", description: "" },
      since: entry.dead?.since ?? 0,
    });

  return {
    ensure: async (wanted) => wanted.forEach(ensureTopic),
    publish: async (events) => {
      events.forEach(requirePublishable);
      structuredClone(events).forEach(publishOne);
    },
    consume,
    deadLetters: (subscription) => {
      const queue = requireQueue(subscription);
      const dead = () => [...queue.entries.values()].filter(({ state }) => state === "dead");
      const findEntry = (eventId: string) => dead().find(({ event }) => event.id === eventId);
      return {
        list: async ({ size = 100, after } = {}) => {
          const rest = dead().filter((entry) => entry.sequence > Number(after ?? 0));
          const items = rest.slice(0, size);
          const last = items.at(-1);
          return {
            items: items.map((entry) => toDeadLetter(queue, entry)),
            ...(last !== undefined && rest.length > size && { next: String(last.sequence) }),
          };
        },
        find: async (eventId) => {
          const entry = findEntry(eventId);
          return entry === undefined ? undefined : toDeadLetter(queue, entry);
        },
        resubmit: async (eventId) => {
          const entry = findEntry(eventId);
          if (entry === undefined) {
            throw new IonError(
              "not-found",
              `module '${subscription.module}' has no dead letter '${eventId}'`,
            );
          }
          entry.state = "waiting";
          entry.notBefore = 0;
          wake(queue);
        },
      };
    },
    depth: async (subscription) => {
      const entries = [...requireQueue(subscription).entries.values()];
      const count = (test: (entry: Entry) => boolean) => entries.filter(test).length;
      return {
        waiting: count(({ state, notBefore }) => state === "waiting" && notBefore <= clock.now()),
        locked: count(({ state }) => state === "locked"),
        scheduled: count(({ state, notBefore }) => state === "waiting" && notBefore > clock.now()),
        dead: count(({ state }) => state === "dead"),
      };
    },
    releaseLocks: () => {
      for (const queue of queues.values()) {
        for (const entry of queue.entries.values()) {
          if (entry.state !== "locked") continue;
          entry.state = "waiting";
          entry.redeliveries += 1;
        }
        wake(queue);
      }
    },
  };
}
