import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { documentId } from "../../runtime/contract/documents.ts";
import { emits } from "../job/memory-platform.ts";
import { crash, misuse, openHouse, quiet, until } from "./house.ts";

describe("a delivery is completed", () => {
  it("after its run has succeeded and not before", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    await house.start();
    const run = await house.run(1);
    await quiet();
    assert.equal(await house.isDone(), false);
    await run.succeed(emits(2));
    await until(() => house.isDone(), "the message is completed");
    const [commit] = await house.platform.read(flow, "commit");
    assert.equal(commit?.published, true);
    assert.equal((await house.platform.waiting("worker")).length, 2);
    assert.equal((await house.execution(flow)).phase, "succeeded");
  });

  it("at a redelivery once what was left unpublished is out", async () => {
    let failures = 1;
    await using house = await openHouse({
      wrap: ({ bus }) => ({
        bus: {
          ...bus,
          publish: async (events) => {
            if (failures > 0) throw new Error(`no connection, ${failures}`);
            await bus.publish(events);
          },
        },
      }),
    });
    const { id: flow } = await house.platform.beginFlow();
    await house.start();
    const run = await house.run(1);
    await assert.rejects(run.succeed(emits(3)), /no connection/);
    run.lose();
    await until(() => house.log.said.length > 0, "the dispatcher can't relay either");
    assert.equal(await house.isDone(), false);
    failures = 0;
    await house.pass(() => house.isDone(), "the message is completed");
    assert.equal((await house.platform.waiting("worker")).length, 3);
    assert.equal((await house.platform.read(flow, "commit"))[0]?.published, true);
    assert.equal(house.runs.length, 1);
  });
});

describe("a failed attempt", () => {
  it("is followed by others with growing delays, counted in the document, and then by a dead letter", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    await house.start();
    (await house.run(1)).fail();
    await until(async () => (await house.execution(flow)).phase === "waiting", "it waits");
    assert.equal((await house.execution(flow)).notBefore, house.platform.clock.now() + 1_000);
    assert.equal(await house.passUntilRun(2), 1_000);
    house.runs[1]?.fail();
    assert.equal(await house.passUntilRun(3), 2_000);
    house.runs[2]?.fail();
    await until(async () => (await house.deadLetters()).length === 1, "it is a dead letter");
    assert.deepEqual(
      house.runs.map(({ attempt }) => attempt.attempt),
      [1, 2, 3],
    );
    const [letter] = await house.deadLetters();
    assert.deepEqual(letter?.reason, { code: crash.code, description: crash.message });
    assert.deepEqual(
      (await house.platform.read(flow, "log")).map(({ outcome, error }) => [outcome, error?.message]),
      [1, 2, 3].map(() => ["failed", crash.message]),
    );
    const { running, failed } = await house.platform.counts(flow);
    assert.deepEqual({ running, failed }, { running: 0, failed: 1 });
  });

  it("that would fail again sets the message aside at once", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    await house.start();
    (await house.run(1)).fail(misuse);
    await until(async () => (await house.deadLetters()).length === 1, "it is a dead letter");
    assert.equal(house.runs.length, 1);
    assert.deepEqual((await house.execution(flow)).error, misuse);
    const [letter] = await house.deadLetters();
    assert.deepEqual(letter?.reason, { code: misuse.code, description: misuse.message });
    const [completed] = await house.platform.read(flow, "completed");
    assert.deepEqual([completed?.counts.succeeded, completed?.counts.failed], [0, 1]);
  });

  it("is not counted by redeliveries", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    await house.start();
    const run = await house.run(1);
    for (let times = 0; times < 5; times += 1) {
      house.platform.bus.releaseLocks();
      await quiet();
    }
    run.fail();
    await until(async () => (await house.execution(flow)).phase === "waiting", "it waits");
    await house.passUntilRun(2);
    assert.deepEqual(
      house.runs.map(({ attempt }) => attempt.attempt),
      [1, 2],
    );
  });

  it("that came back too early waits for the rest of its delay", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    await house.start();
    (await house.run(1)).fail();
    await until(async () => (await house.execution(flow)).phase === "waiting", "it waits");
    const stored = await house.platform.documents.find("execution", flow, (await house.execution(flow)).id);
    assert.ok(stored);
    const notBefore = house.platform.clock.now() + 5_000;
    await house.platform.documents.replace({ ...stored.document, notBefore }, stored.etag);
    assert.equal(await house.passUntilRun(2), 5_000);
  });
});

describe("a delivery is set aside", () => {
  it("after a crash between burying the execution and setting aside, and the flow is closed", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    const broken = await house.start("splitter", {
      completeFlow: () => Promise.reject(new Error("the process ends here")),
    });
    (await house.run(1)).fail(misuse);
    await until(() => house.log.said.length > 0, "the dispatcher broke off");
    assert.equal((await house.execution(flow)).phase, "dead");
    assert.equal((await house.deadLetters()).length, 0);
    await broken.stop();
    await house.start();
    await house.pass(async () => (await house.deadLetters()).length === 1, "it is a dead letter");
    assert.equal(house.runs.length, 1);
    assert.equal((await house.platform.read(flow, "completed")).length, 1);
  });

  it("with a sentence where the document has kept none", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    const broken = await house.start();
    (await house.run(1)).fail(misuse);
    await until(async () => (await house.deadLetters()).length === 1, "it is a dead letter");
    await broken.stop();
    const stored = await house.platform.documents.find("execution", flow, (await house.execution(flow)).id);
    assert.ok(stored);
    const { error: _, ...document } = stored.document;
    await house.platform.documents.replace(document, stored.etag);
    await house.platform.bus.deadLetters({ topic: "root", module: "splitter" }).resubmit(flow);
    await house.start();
    await until(async () => (await house.deadLetters()).length === 1, "it is a dead letter again");
    assert.match((await house.deadLetters())[0]?.reason.description ?? "", /not kept/);
  });
});

describe("a late attempt", () => {
  it("that has committed wins over the attempt that failed after it", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    await house.start();
    const first = await house.run(1);
    first.lose();
    const second = await house.run(2);
    await house.platform.commit(first.attempt, emits(1));
    second.fail(misuse);
    await until(() => house.isDone(), "the message is completed");
    assert.equal((await house.deadLetters()).length, 0);
    assert.equal((await house.execution(flow)).phase, "succeeded");
    assert.equal((await house.platform.waiting("worker")).length, 1);
  });

  it("loses against the dead letter, which says where the commit would be that it is dead", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    await house.start();
    const first = await house.run(1);
    first.lose();
    (await house.run(2)).fail(misuse);
    await until(async () => (await house.deadLetters()).length === 1, "it is a dead letter");
    const before = await house.platform.counts(flow);
    await house.platform.commit(first.attempt, emits(1));
    assert.equal((await house.execution(flow)).phase, "dead");
    assert.deepEqual(await house.platform.counts(flow), before);
    assert.deepEqual(await house.platform.waiting("worker"), []);
    const tombstone = await house.platform.documents.find(
      "commit",
      flow,
      documentId.commit(first.attempt.executionId),
    );
    assert.equal(tombstone?.document.outcome, "dead");
  });
});
