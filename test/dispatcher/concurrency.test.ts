import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seconds } from "../../runtime/contract/duration.ts";
import { IonError } from "../../runtime/contract/errors.ts";
import { emits, getModule } from "../job/memory-platform.ts";
import { type House, openHouse, quiet, until } from "./house.ts";

const splitter = { topic: "root", module: "splitter" };
const onBoth = { ...getModule("splitter"), on: [...getModule("splitter").on, { type: "leaf", filter: {} }] };

async function beginFlows(house: House, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await house.platform.beginFlow(`flow ${index}`);
}

/** Puts a message on both topics of a module. */
async function fillBoth(house: House): Promise<void> {
  const subscriptions = [{ module: "splitter", filters: [{}] }];
  await house.platform.bus.ensure([{ type: "leaf", subscriptions }]);
  const root = await house.platform.beginFlow();
  await house.platform.bus.publish([{ ...root, id: "leaf", type: "leaf" }]);
}

describe("a dispatcher takes", () => {
  it("no more than may run at once, and the next when one has ended", async () => {
    await using house = await openHouse();
    await beginFlows(house, 10);
    await house.start("splitter", { concurrency: 3 });
    for (let ended = 0; ended < 10; ended += 1) {
      await quiet();
      const { locked } = await house.platform.bus.depth(splitter);
      const expected = Math.min(3, 10 - ended);
      assert.deepEqual([house.runs.length - ended, locked], [expected, expected]);
      await house.runs[ended]?.succeed();
    }
    await until(() => house.isDone(), "all are completed");
  });

  it("as many as the module declares", async () => {
    await using house = await openHouse();
    await beginFlows(house, 5);
    await house.start("splitter", { module: { ...getModule("splitter"), concurrency: 2 } });
    await quiet();
    assert.equal(house.runs.length, 2);
  });

  it("the next one after a failure too", async () => {
    await using house = await openHouse();
    await beginFlows(house, 2);
    await house.start("splitter", { concurrency: 1 });
    (await house.run(1)).fail();
    await house.run(2);
  });

  it("from two topics no more than one beyond what may run", async () => {
    await using house = await openHouse();
    await fillBoth(house);
    await house.start("splitter", { module: onBoth, concurrency: 1 });
    await quiet();
    assert.equal(house.runs.length, 1);
    await house.runs[0]?.succeed();
    await house.run(2);
  });
});

describe("a dispatcher that stops", () => {
  it("ends what it has and takes nothing new", async () => {
    await using house = await openHouse();
    await beginFlows(house, 2);
    const dispatcher = await house.start("splitter", { concurrency: 1 });
    const run = await house.run(1);
    const stopped = dispatcher.stop();
    await run.succeed(emits(1));
    await stopped;
    await dispatcher.ended;
    assert.equal(house.runs.length, 1);
    const { waiting, locked } = await house.platform.bus.depth(splitter);
    assert.deepEqual([waiting, locked], [1, 0]);
  });

  it("doesn't wait for the bound when all has ended before", async () => {
    await using house = await openHouse();
    await beginFlows(house, 1);
    const dispatcher = await house.start();
    const run = await house.run(1);
    const stopped = dispatcher.stop(seconds(10));
    await run.succeed();
    await stopped;
    assert.equal(await house.isDone(), true);
  });

  it("ends what is late and hands it back, and the next dispatcher runs it again", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    const dispatcher = await house.start();
    const run = await house.run(1);
    const stopped = dispatcher.stop(seconds(10));
    house.platform.clock.advance(9_999);
    await quiet();
    assert.equal(run.signal.aborted, false);
    house.platform.clock.advance(1);
    await stopped;
    assert.equal(run.signal.aborted, true);
    assert.equal((await house.platform.bus.depth(splitter)).waiting, 1);
    await house.start();
    await (await house.run(2)).succeed();
    await until(() => house.isDone(), "the message is completed");
    const { attempt, interruptions } = await house.execution(flow);
    assert.deepEqual([attempt, interruptions], [2, 1]);
  });

  it("hands a delivery back that waits for another to end", async () => {
    await using house = await openHouse();
    await fillBoth(house);
    const dispatcher = await house.start("splitter", { module: onBoth, concurrency: 1 });
    await house.run(1);
    await quiet();
    const stopped = dispatcher.stop(seconds(10));
    house.platform.clock.advance(10_000);
    await stopped;
    assert.equal(house.runs.length, 1);
    const depths = [splitter, { ...splitter, topic: "leaf" }].map((each) => house.platform.bus.depth(each));
    assert.deepEqual(
      (await Promise.all(depths)).map(({ waiting, locked }) => [waiting, locked]),
      [
        [1, 0],
        [1, 0],
      ],
    );
  });
});

describe("a dispatcher that can't read a topic", () => {
  it("fails, takes nothing more from its other topics and ends what it has", async () => {
    await using house = await openHouse();
    await fillBoth(house);
    const { bus } = house.platform;
    const broken = Promise.withResolvers<never>();
    const dispatcher = await house.start("splitter", {
      module: onBoth,
      bus: {
        ...bus,
        async *consume(subscription, options) {
          if (subscription.topic === "leaf") await broken.promise;
          yield* bus.consume(subscription, options);
        },
      },
    });
    const run = await house.run(1);
    broken.reject(new IonError("denied", "the subscription is gone"));
    await assert.rejects(dispatcher.ended, { code: "denied" });
    await house.platform.beginFlow("another");
    await run.succeed();
    await until(async () => (await bus.depth(splitter)).locked === 0, "what ran is completed");
    assert.equal((await bus.depth(splitter)).waiting, 1);
  });
});
