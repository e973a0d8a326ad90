import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { firstEvent, type IonEvent } from "../../runtime/contract/event.ts";
import type { JsonObject } from "../../runtime/contract/json.ts";
import type { Topic } from "../../runtime/contract/routing.ts";
import type { Bus, Delivery, SubscriptionName } from "../../runtime/ports/bus.ts";
import type { ManualClock } from "./manual-clock.ts";

export interface MadeBus {
  readonly port: Bus;
  readonly close: () => Promise<void>;
  /** A restart on the same data: nobody holds anything any more. */
  readonly reopen?: () => Promise<Bus>;
  /** Where time is the test's; a bus without one lives in real time. */
  readonly clock?: ManualClock;
}

/** One consumer, asked by hand. */
export interface Receiver {
  /** The next delivery; undefined once the iteration has ended. */
  next(): Promise<Delivery | undefined>;
  /** The next delivery, which has to come. */
  take(): Promise<Delivery>;
  abort(): void;
  /** Leaves the iteration as `break` does. */
  leave(): Promise<void>;
}

export const topicOf = (type: string, ...modules: readonly string[]): Topic => ({
  type,
  subscriptions: modules.map((module) => ({ module, filters: [{}] })),
});

export const subscriptionOf = (module: string, topic = "made"): SubscriptionName => ({ topic, module });

export const makeEvent = (id: string, data: JsonObject = {}, type = "made"): IonEvent => ({
  ...firstEvent({ id, type, time: "2030-01-01T00:00:00.000Z", data }),
  correlationid: "flow",
});

export const makeEvents = (...ids: readonly string[]): IonEvent[] => ids.map((id) => makeEvent(id));

function makeReceiver(bus: Bus, subscription: SubscriptionName, credit: number): Receiver {
  const controller = new AbortController();
  const iterator = bus
    .consume(subscription, { credit: () => credit, signal: controller.signal })
    [Symbol.asyncIterator]();
  const next = async () => {
    const result = await iterator.next();
    return result.done === true ? undefined : result.value;
  };
  return {
    next,
    take: async () => {
      const delivery = await next();
      assert.ok(delivery, "the iteration has ended");
      return delivery;
    },
    abort: () => controller.abort(),
    leave: async () => void (await iterator.return?.()),
  };
}

/** A bus with one topic, `made`, and who consumes from it. */
export class BusFixture {
  bus: Bus;
  readonly #made: MadeBus;
  #receivers: Receiver[] = [];

  constructor(made: MadeBus) {
    this.#made = made;
    this.bus = made.port;
  }

  get clock(): ManualClock | undefined {
    return this.#made.clock;
  }

  now(): number {
    return this.clock?.now() ?? Date.now();
  }

  readonly receive = (module: string, { credit = 1, topic = "made" } = {}): Receiver => {
    const receiver = makeReceiver(this.bus, subscriptionOf(module, topic), credit);
    this.#receivers.push(receiver);
    return receiver;
  };

  readonly depth = (module: string): ReturnType<Bus["depth"]> => {
    return this.bus.depth(subscriptionOf(module));
  };

  /** Takes and completes all that waits for a module. */
  async drain(module: string): Promise<string[]> {
    const { waiting } = await this.depth(module);
    const receiver = this.receive(module, { credit: Math.max(1, waiting) });
    const ids: string[] = [];
    while (ids.length < waiting) {
      const delivery = await receiver.take();
      ids.push(delivery.event.id);
      await delivery.complete();
    }
    return ids;
  }

  async #stopReceivers(): Promise<void> {
    for (const receiver of this.#receivers) receiver.abort();
    await Promise.all(this.#receivers.map((receiver) => receiver.leave()));
    this.#receivers = [];
  }

  /** Starts again with the given topics. */
  async restart(...topics: readonly Topic[]): Promise<void> {
    assert.ok(this.#made.reopen);
    await this.#stopReceivers();
    this.bus = await this.#made.reopen();
    await this.bus.ensure(topics);
  }

  async close(): Promise<void> {
    await this.#stopReceivers();
    await this.#made.close();
  }
}

export type MakeBus = () => MadeBus | Promise<MadeBus>;
export type BusCase = (
  title: string,
  run: (fixture: BusFixture, context: TestContext) => Promise<void>,
) => void;

export interface BusCases {
  /** A case on a bus of its own. */
  readonly busCase: BusCase;
  /** A case that a bus which doesn't outlive its process skips. */
  readonly restartCase: BusCase;
}

export function busCases(make: MakeBus): BusCases {
  const defineCase =
    (restarts: boolean): BusCase =>
    (title, run) => {
      test(title, { timeout: 20_000 }, async (context) => {
        const made = await make();
        const fixture = new BusFixture(made);
        // After the case and not in a `finally`: a case that hangs is to end too.
        context.after(() => fixture.close());
        if (restarts && made.reopen === undefined) context.skip("this bus can't be started again");
        else await run(fixture, context);
      });
    };
  return { busCase: defineCase(false), restartCase: defineCase(true) };
}
