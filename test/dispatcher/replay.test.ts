import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { documentId } from "../../runtime/contract/documents.ts";
import type { IonEvent } from "../../runtime/contract/event.ts";
import { derivedIds } from "../../runtime/contract/ids.ts";
import { replayDeadLetter } from "../../runtime/dispatcher/replay.ts";
import { completeFlow } from "../../runtime/job/completion.ts";
import { sweep } from "../../runtime/job/sweeper.ts";
import type { DeadLetter } from "../../runtime/ports/bus.ts";
import { emits } from "../job/memory-platform.ts";
import { type House, misuse, openHouse, until } from "./house.ts";

/** Brings a flow to its end as a dead letter. */
async function bury(house: House): Promise<{ flow: string; letter: DeadLetter }> {
  const { id: flow } = await house.platform.beginFlow();
  await house.start();
  (await house.run(1)).fail(misuse);
  await until(async () => (await house.deadLetters()).length === 1, "it is a dead letter");
  const [letter] = await house.deadLetters();
  assert.ok(letter);
  return { flow, letter };
}

const completions = async (house: House): Promise<IonEvent["data"][]> =>
  (await house.platform.waiting("report")).map(({ data }) => data);

const ended = (succeeded: number, failed: number) => ({ events: 1, succeeded, failed });

describe("replayDeadLetter()", () => {
  it("opens the flow again, runs the execution and closes the flow once more", async () => {
    await using house = await openHouse();
    const { flow, letter } = await bury(house);
    assert.deepEqual(await completions(house), [ended(0, 1)]);
    await house.replay(letter);
    const { running, failed, reopened } = await house.platform.counts(flow);
    assert.deepEqual({ running, failed, reopened }, { running: 1, failed: 0, reopened: 1 });
    await (await house.run(2)).succeed();
    await until(() => house.isDone(), "the message is completed");
    assert.deepEqual(await completions(house), [ended(0, 1), ended(1, 0)]);
    assert.deepEqual(await house.deadLetters(), []);
    assert.equal((await house.execution(flow)).phase, "succeeded");
  });

  it("lets the attempts start afresh, under numbers of their own", async () => {
    await using house = await openHouse();
    const { letter } = await bury(house);
    await house.replay(letter);
    for (const number of [2, 3, 4]) {
      await house.passUntilRun(number);
      house.runs[number - 1]?.fail();
    }
    await until(async () => (await house.deadLetters()).length === 1, "it is a dead letter again");
    assert.deepEqual(
      house.runs.map(({ attempt }) => attempt.attempt),
      [1, 2, 3, 4],
    );
  });

  it("forgives the interruptions before it too", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    await house.start();
    (await house.run(1)).lose();
    (await house.run(2)).fail(misuse);
    await until(async () => (await house.deadLetters()).length === 1, "it is a dead letter");
    const [letter] = await house.deadLetters();
    assert.ok(letter);
    await house.replay(letter);
    await house.run(3);
    const { attempt, interruptions, forgiven } = await house.execution(flow);
    assert.deepEqual([attempt, interruptions, forgiven], [3, 0, 2]);
  });

  it("survives a crash between opening the flow and resubmitting the message", async () => {
    await using house = await openHouse();
    const { flow, letter } = await bury(house);
    const { bus } = house.platform;
    const crashing = {
      ...house.platform.context,
      bus: {
        ...bus,
        deadLetters: (name: DeadLetter["subscription"]) => ({
          ...bus.deadLetters(name),
          resubmit: () => Promise.reject(new Error("the process ends here")),
        }),
      },
    };
    await assert.rejects(replayDeadLetter(crashing, letter), /ends here/);
    assert.equal((await house.deadLetters()).length, 1);
    await house.replay(letter);
    await (await house.run(2)).succeed();
    await until(() => house.isDone(), "the message is completed");
    const { running, reopened } = await house.platform.counts(flow);
    assert.deepEqual({ running, reopened }, { running: 0, reopened: 1 });
    assert.deepEqual(await completions(house), [ended(0, 1), ended(1, 0)]);
  });

  it("of a dead letter that is gone is not-found, and opens nothing", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    await house.start();
    const run = await house.run(1);
    const unknown: DeadLetter = {
      event: run.attempt.event,
      subscription: { topic: "root", module: "splitter" },
      reason: { code: "exit-code", description: "" },
      since: 0,
    };
    await assert.rejects(house.replay(unknown), { code: "not-found" });
    await run.succeed();
    await until(() => house.isDone(), "the message is completed");
    await assert.rejects(house.replay(unknown), { code: "not-found" });
    const { running, reopened } = await house.platform.counts(flow);
    assert.deepEqual({ running, reopened }, { running: 0, reopened: 0 });
  });

  it("twice at once opens the flow once and runs the execution once", async () => {
    await using house = await openHouse();
    const { flow, letter } = await bury(house);
    const results = await Promise.allSettled([house.replay(letter), house.replay(letter)]);
    assert.ok(results.some(({ status }) => status === "fulfilled"));
    await (await house.run(2)).succeed(emits(1));
    await until(() => house.isDone(), "the message is completed");
    assert.equal(house.runs.length, 2);
    const { running, reopened, succeeded, failed } = await house.platform.counts(flow);
    assert.deepEqual([running, reopened, succeeded, failed], [1, 1, 1, 0]);
    assert.equal((await house.platform.waiting("worker")).length, 1);
  });

  it("of what a flow's end caused doesn't open the flow again", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    await house.start();
    await (await house.run(1)).succeed();
    await house.start("report");
    (await house.run(2)).fail(misuse);
    await until(async () => (await house.deadLetters("report")).length === 1, "it is a dead letter");
    assert.equal((await house.platform.counts(flow)).trailing, 0);
    const [letter] = await house.deadLetters("report");
    assert.ok(letter);
    await house.replay(letter);
    const { running, trailing, reopened } = await house.platform.counts(flow);
    assert.deepEqual({ running, trailing, reopened }, { running: 0, trailing: 1, reopened: 0 });
    await (await house.run(3)).succeed();
    await until(() => house.isDone("report"), "the message is completed");
    assert.equal((await house.platform.counts(flow)).trailing, 0);
    assert.equal((await house.platform.read(flow, "completed")).length, 1);
  });

  it("has the sweeper look after the flow again", async () => {
    await using house = await openHouse();
    const { flow, letter } = await bury(house);
    house.platform.clock.advance(60_000);
    await sweep(house.platform.context, house.log);
    await house.replay(letter);
    const run = await house.run(2);
    // The last to end is cut off before it has looked at the counts.
    await house.platform.documents.batch(flow, [
      { kind: "count", shard: 0, add: { running: -1, succeeded: 1 } },
    ]);
    await sweep(house.platform.context, house.log);
    assert.equal((await completions(house)).length, 2);
    run.lose();
  });

  it("of an execution whose first life raised completion raises another with an id of its own", async () => {
    await using house = await openHouse();
    const { flow, letter } = await bury(house);
    await house.replay(letter);
    await (await house.run(2)).succeed();
    await until(() => house.isDone(), "the message is completed");
    await Promise.all([1, 2, 3].map(() => completeFlow(house.platform.context, flow)));
    const ids = (await house.platform.waiting("report")).map(({ id }) => id);
    assert.equal(new Set(ids).size, 2);
    assert.deepEqual(
      (await house.platform.read(flow, "completed")).map(({ id }) => id),
      [documentId.completed(0), documentId.completed(1)],
    );
    assert.equal(letter.event.id, flow);
    assert.equal(house.runs[1]?.attempt.executionId, derivedIds.execution("splitter", flow));
  });
});
