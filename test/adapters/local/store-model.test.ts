import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { localBus } from "../../../runtime/adapters/local/bus.ts";
import { openDatabase } from "../../../runtime/adapters/local/store/database.ts";
import type { Store } from "../../../runtime/adapters/local/store/store.ts";
import { hours } from "../../../runtime/contract/duration.ts";
import type { Bus, Delivery } from "../../../runtime/ports/bus.ts";
import { makeEvents, subscriptionOf, topicOf } from "../../ports/bus-fixture.ts";
import { engineStore } from "./engine-store.ts";

const subscription = subscriptionOf("a");
const hour = 3_600_000;

/** The store without its thread, where every call is a group of its own. */
function openEngine(file: string, now: () => number): Store {
  const store = engineStore(openDatabase(file), now);
  return {
    ...store,
    call: (name, input) => {
      const reply = store.call(name, input);
      queueMicrotask(() => store.flush());
      return reply;
    },
  };
}

/** Takes one message and hands back what was prefetched with it. */
async function takeOne(bus: Bus, credit: number): Promise<Delivery> {
  const controller = new AbortController();
  const { signal } = controller;
  // What can be delivered is there before the event loop turns: a message that is lost ends the wait.
  setImmediate(() => controller.abort());
  for await (const delivery of bus.consume(subscription, { credit: () => credit, signal })) return delivery;
  throw new Error("a message that waits is not delivered");
}

type State = "waiting" | "held" | "scheduled" | "dead" | "done";

/** The simple truth: in which state each message is. */
class Model {
  readonly states = new Map<string, State>();

  in(state: State): string[] {
    return [...this.states].filter(([, each]) => each === state).map(([id]) => id);
  }

  move(from: State, to: State): void {
    for (const id of this.in(from)) this.states.set(id, to);
  }

  depth() {
    const count = (state: State) => this.in(state).length;
    return {
      waiting: count("waiting"),
      locked: count("held"),
      scheduled: count("scheduled"),
      dead: count("dead"),
    };
  }
}

/** A bus beside its model. */
class Run {
  readonly model = new Model();
  readonly file: string;
  passed = 0;
  store: Store;
  bus: Bus;
  held: Delivery[] = [];

  constructor(file: string) {
    this.file = file;
    this.store = openEngine(file, () => Date.now() + this.passed);
    this.bus = localBus({ store: this.store });
  }

  async reopen(): Promise<void> {
    await this.store.close();
    this.store = openEngine(this.file, () => Date.now() + this.passed);
    this.bus = localBus({ store: this.store });
    await this.bus.ensure([topicOf("made", "a")]);
    this.held = [];
    this.model.move("held", "waiting");
  }

  async settle(index: number, state: State, settle: (delivery: Delivery) => Promise<void>): Promise<void> {
    const [delivery] = this.held.splice(index % Math.max(1, this.held.length), 1);
    if (delivery === undefined) return;
    await settle(delivery);
    this.model.states.set(delivery.event.id, state);
  }
}

type Step = (run: Run) => Promise<void>;

const publish =
  (id: string): Step =>
  async ({ bus, model }) => {
    await bus.publish(makeEvents(id));
    if (!model.states.has(id)) model.states.set(id, "waiting");
  };

const receive =
  (credit: number): Step =>
  async ({ bus, model, held }) => {
    if (model.in("waiting").length === 0) return;
    const delivery = await takeOne(bus, credit);
    assert.equal(
      model.states.get(delivery.event.id),
      "waiting",
      `${delivery.event.id} must not be delivered`,
    );
    model.states.set(delivery.event.id, "held");
    held.push(delivery);
  };

const complete =
  (index: number): Step =>
  (run) =>
    run.settle(index, "done", (delivery) => delivery.complete());

const retry =
  (index: number, later: boolean): Step =>
  (run) =>
    run.settle(index, later ? "scheduled" : "waiting", (delivery) =>
      delivery.retry(hours(later ? run.passed / hour + 1 : 0), "again"),
    );

const kill =
  (index: number): Step =>
  (run) =>
    run.settle(index, "dead", (delivery) =>
      delivery.deadLetter({ code: "broken", description: "It broke." }),
    );

const resubmit =
  (id: string): Step =>
  async ({ bus, model }) => {
    const resubmitted = bus.deadLetters(subscription).resubmit(id);
    if (model.states.get(id) !== "dead") return assert.rejects(resubmitted, { code: "not-found" });
    await resubmitted;
    model.states.set(id, "waiting");
  };

const passTime: Step = async (run) => {
  run.passed += 2 * hour;
  run.model.move("scheduled", "waiting");
};

const id = fc.integer({ min: 1, max: 8 }).map(String);
const index = fc.nat({ max: 7 });
const named = (name: string, step: Step) => ({ name, step });
const step = fc.oneof(
  { weight: 3, arbitrary: id.map((value) => named(`publish ${value}`, publish(value))) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }).map((n) => named(`receive ${n}`, receive(n))) },
  { weight: 1, arbitrary: index.map((n) => named(`complete ${n}`, complete(n))) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(index, fc.boolean())
      .map(([n, later]) => named(`retry ${n} ${later}`, retry(n, later))),
  },
  { weight: 2, arbitrary: index.map((n) => named(`kill ${n}`, kill(n))) },
  { weight: 2, arbitrary: id.map((value) => named(`resubmit ${value}`, resubmit(value))) },
  { weight: 1, arbitrary: fc.constant(named("reopen", (run: Run) => run.reopen())) },
  { weight: 1, arbitrary: fc.constant(named("pass time", passTime)) },
);

test("whatever is done, each message is in one place and in the right one", {
  timeout: 120_000,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "ion-model-"));
  t.after(() => rmSync(folder, { recursive: true }));
  let runs = 0;
  const property = fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
    runs += 1;
    const run = new Run(join(folder, `${runs}.db`));
    await run.bus.ensure([topicOf("made", "a")]);
    try {
      for (const { step: take } of steps) {
        await take(run);
        assert.deepEqual(await run.bus.depth(subscription), run.model.depth());
      }
    } finally {
      await run.store.close();
    }
  });
  await fc.assert(property, { seed: 1, numRuns: 100 });
});
