import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { maxInterruptions } from "../../runtime/dispatcher/decide.ts";
import type { Bus } from "../../runtime/ports/bus.ts";
import { emits } from "../job/memory-platform.ts";
import { openHouse, quiet, type Run, scriptedExecutor, until } from "./house.ts";

/** A bus that delivers nothing until it's opened. */
function gatedBus(bus: Bus): { bus: Bus; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    open: resolve,
    bus: {
      ...bus,
      async *consume(subscription, options) {
        await promise;
        yield* bus.consume(subscription, options);
      },
    },
  };
}

describe("a redelivery", () => {
  it("to the same dispatcher joins the run that goes on", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    await house.start();
    const run = await house.run(1);
    house.platform.clock.advance(60_000);
    house.platform.bus.releaseLocks();
    await quiet();
    assert.equal(house.runs.length, 1);
    await run.succeed();
    await until(() => house.isDone(), "the message is completed");
    assert.equal((await house.execution(flow)).attempt, 1);
  });

  it("to a dispatcher that was started again joins the run that goes on", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    const before = await house.start();
    const run = await house.run(1);
    void before.stop();
    house.platform.clock.advance(60_000);
    await house.start();
    house.platform.bus.releaseLocks();
    await quiet();
    await run.succeed();
    await until(() => house.isDone(), "the message is completed");
    assert.equal(house.runs.length, 1);
    const { attempt, interruptions } = await house.execution(flow);
    assert.deepEqual([attempt, interruptions], [1, 0]);
  });

  it("to another dispatcher joins a run that began after it did", async () => {
    await using house = await openHouse();
    const { bus, clock } = house.platform;
    const gated = gatedBus(bus);
    await house.start("splitter", { bus: gated.bus });
    await house.platform.beginFlow();
    const owner = await house.start();
    const run = await house.run(1);
    void owner.stop();
    clock.advance(60_000);
    gated.open();
    bus.releaseLocks();
    await quiet();
    assert.equal(house.runs.length, 1);
    await run.succeed(emits(1));
    await until(() => house.isDone(), "the message is completed");
    assert.equal((await house.platform.waiting("worker")).length, 1);
  });

  it("waits while another dispatcher has written an attempt down and not yet submitted it", async () => {
    await using house = await openHouse();
    const { bus } = house.platform;
    const gate = Promise.withResolvers<void>();
    const slow = {
      ...house.executor,
      submit: async (attempt: Run["attempt"]) => {
        await gate.promise;
        await house.executor.submit(attempt);
      },
    };
    const gated = gatedBus(bus);
    await house.start("splitter", { bus: gated.bus });
    const { id: flow } = await house.platform.beginFlow();
    const owner = await house.start("splitter", { executor: slow });
    await until(async () => (await house.platform.read(flow, "execution")).length === 1, "it's written down");
    void owner.stop();
    gated.open();
    bus.releaseLocks();
    await quiet();
    const early = house.runs.length;
    gate.resolve();
    const run = await house.run(1);
    assert.equal(early, 0);
    house.platform.clock.advance(1_000);
    await quiet();
    assert.deepEqual([house.runs.length, run.attempt.attempt], [1, 1]);
  });

  it("after the runtime died runs another attempt, which doesn't count", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    const before = await house.start();
    await house.run(1);
    void before.stop();
    house.platform.clock.advance(1);
    const runs: Run[] = [];
    await house.start("splitter", { executor: scriptedExecutor(house.platform, runs) });
    house.platform.bus.releaseLocks();
    await until(() => runs.length === 1, "another attempt has begun");
    const { attempt, interruptions } = await house.execution(flow);
    assert.deepEqual([attempt, interruptions, runs[0]?.attempt.attempt], [2, 1, 2]);
    const [log] = await house.platform.read(flow, "log");
    assert.deepEqual([log?.attempt, log?.outcome], [1, "interrupted"]);
    await runs[0]?.succeed();
    await until(() => house.isDone(), "the message is completed");
  });
});

describe("a lost run", () => {
  it("is followed by another at once, which uses up no attempt", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    await house.start();
    for (let lost = 1; lost <= 5; lost += 1) (await house.run(lost)).lose();
    (await house.run(6)).fail();
    await house.passUntilRun(7);
    const { attempt, interruptions, phase } = await house.execution(flow);
    assert.deepEqual([attempt, interruptions, phase], [7, 5, "running"]);
  });

  it("ends the execution after too many", async () => {
    await using house = await openHouse();
    await house.platform.beginFlow();
    await house.start();
    for (let lost = 1; lost <= maxInterruptions + 1; lost += 1) (await house.run(lost)).lose();
    await until(async () => (await house.deadLetters()).length === 1, "it is a dead letter");
    assert.equal(house.runs.length, maxInterruptions + 1);
    const [letter] = await house.deadLetters();
    assert.equal(letter?.reason.code, "interrupted-too-often");
  });
});

const happening = fc.constantFrom("redeliver", "redeliver", "succeed", "fail", "lose", "wait");

describe("two dispatchers on one subscription", () => {
  it("never run one execution twice at once, and apply its effects once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 12 }), async (happenings) => {
        await using house = await openHouse();
        const { bus, clock } = house.platform;
        const { id: flow } = await house.platform.beginFlow();
        await house.start();
        await house.start();
        const ended = new Set<Run>();
        const live = () => house.runs.filter((run) => !ended.has(run));
        for (const what of [...happenings, "succeed"]) {
          clock.advance(what === "wait" ? 70_000 : 10);
          await quiet();
          assert.ok(live().length <= 1, `${live().length} runs go on at once`);
          const [run] = live();
          if (what === "redeliver") bus.releaseLocks();
          if (run === undefined || what === "redeliver" || what === "wait") continue;
          if (what === "succeed") await run.succeed(emits(2));
          else if (what === "fail") run.fail();
          else run.lose();
          ended.add(run);
        }
        await quiet();
        const commits = await house.platform.read(flow, "commit");
        const published = commits.some(({ outcome }) => outcome === "succeeded");
        assert.equal((await house.platform.waiting("worker")).length, published ? 2 : 0);
      }),
      { numRuns: 40 },
    );
  });
});
