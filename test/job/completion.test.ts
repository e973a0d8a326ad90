import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { documentId } from "../../runtime/contract/documents.ts";
import { deriveId } from "../../runtime/contract/ids.ts";
import { completeFlow } from "../../runtime/job/completion.ts";
import type { Documents, Stored } from "../../runtime/ports/documents.ts";
import { emits, type MemoryPlatform, makeAttempt, memoryPlatform } from "./memory-platform.ts";
import { watchedPorts } from "./watched-ports.ts";

const flow = deriveId("flow");

/** Runs the whole first module, and gives back what it caused. */
async function fanOut(platform: MemoryPlatform, children: number) {
  const root = await platform.beginFlow();
  await platform.commit(makeAttempt("splitter", root), emits(children));
  return platform.waiting("worker");
}

describe("completeFlow()", () => {
  it("leaves a flow open in which something has not ended", async () => {
    const platform = await memoryPlatform();
    const [first] = await fanOut(platform, 2);
    assert.ok(first);
    await platform.commit(makeAttempt("worker", first));
    assert.equal(await completeFlow(platform.context, flow), false);
    assert.deepEqual(await platform.waiting("report"), []);
  });

  it("leaves a flow open that nobody has begun", async () => {
    const platform = await memoryPlatform();
    assert.equal(await completeFlow(platform.context, flow), false);
    assert.deepEqual(await platform.read(flow, "completed"), []);
  });

  it("closes a flow whose last execution has ended, and says how it ended", async () => {
    const platform = await memoryPlatform();
    for (const leaf of await fanOut(platform, 3)) await platform.commit(makeAttempt("worker", leaf));
    const [completed] = await platform.read(flow, "completed");
    assert.deepEqual([completed?.counts.events, completed?.counts.succeeded], [4, 4]);
    assert.equal(completed?.completedAt, platform.clock.now());
    const [event] = await platform.waiting("report");
    assert.deepEqual(event, {
      specversion: "1.0",
      id: deriveId(flow, "completed", "0"),
      source: "/ion/flow",
      type: "ion.flow_completed",
      time: "2030-01-01T00:00:00.000Z",
      datacontenttype: "application/json",
      data: { events: 4, succeeded: 4, failed: 0 },
      correlationid: flow,
      files: 0,
      afterflow: true,
    });
  });

  it("closes a flow that went nowhere", async () => {
    const platform = await memoryPlatform();
    await platform.commit(makeAttempt("splitter", await platform.beginFlow()), emits(3, "unheard"));
    assert.equal((await platform.waiting("report")).length, 1);
  });

  it("raises the end once, however many look at once", async () => {
    const platform = await memoryPlatform();
    await platform.beginFlow();
    await platform.documents.batch(flow, [{ kind: "count", shard: 0, add: { running: -1, succeeded: 1 } }]);
    const looks = Array.from({ length: 20 }, () => completeFlow(platform.context, flow));
    assert.ok((await Promise.all(looks)).every((ended) => ended));
    assert.equal((await platform.waiting("report")).length, 1);
    assert.equal((await platform.counts(flow)).trailing, 1);
  });

  for (const counterShards of [1, 2, 16]) {
    it(`raises the end once when all executions end at once, with ${counterShards} counters`, async () => {
      const platform = await memoryPlatform({ limits: { counterShards } });
      const leaves = await fanOut(platform, 40);
      await Promise.all(leaves.map((leaf) => platform.commit(makeAttempt("worker", leaf))));
      assert.equal((await platform.waiting("report")).length, 1);
      const { running, succeeded } = await platform.counts(flow);
      assert.deepEqual({ running, succeeded }, { running: 0, succeeded: 41 });
    });
  }

  it("keeps a flow's files as long as the module that keeps them longest", async () => {
    const platform = await memoryPlatform();
    await platform.commit(makeAttempt("splitter", await platform.beginFlow()));
    const [completed] = await platform.read(flow, "completed");
    assert.equal(completed?.due, platform.clock.now() + 30 * 24 * 3_600_000);
  });

  it("leaves to the sweeper what it couldn't publish", async () => {
    const platform = await memoryPlatform({
      wrap: watchedPorts((write) => {
        if (write.includes("flow_completed")) throw new Error("the process ends here");
      }),
    });
    const root = await platform.beginFlow();
    await assert.rejects(platform.commit(makeAttempt("splitter", root)), /ends here/);
    const events = await platform.read(flow, "event");
    const raised = events.find(({ event }) => event.afterflow);
    assert.deepEqual([raised?.published, raised?.due], [false, platform.clock.now() + 60_000]);
  });

  it("raises the end with its documents where they can publish", async () => {
    const published: string[] = [];
    const platform = await memoryPlatform({
      wrap: ({ documents, bus }) => ({
        documents: {
          ...documents,
          publishes: true,
          batch: async (id, operations, events = []) => {
            await documents.batch(id, operations);
            published.push(...events.map(({ type }) => type));
          },
        },
        bus: { ...bus, publish: () => assert.fail("nothing is published besides") },
      }),
    });
    await platform.commit(makeAttempt("splitter", await platform.beginFlow()));
    assert.deepEqual(published, ["ion.flow_completed"]);
    const events = await platform.read(flow, "event");
    assert.equal(events.find(({ event }) => event.afterflow)?.published, true);
  });
});

describe("what a flow's end causes", () => {
  it("doesn't open the flow again", async () => {
    const platform = await memoryPlatform();
    await platform.commit(makeAttempt("splitter", await platform.beginFlow()));
    const [completed] = await platform.waiting("report");
    assert.ok(completed);
    await platform.commit(makeAttempt("report", completed), emits(1, "summary"));
    const during = await platform.counts(flow);
    assert.deepEqual([during.running, during.trailing, during.reopened], [0, 1, 0]);
    const [summary] = await platform.waiting("archive");
    assert.ok(summary);
    await platform.commit(makeAttempt("archive", summary));
    const after = await platform.counts(flow);
    assert.deepEqual([after.running, after.trailing, after.events], [0, 0, 1]);
    assert.equal((await platform.read(flow, "completed")).length, 1);
    assert.equal((await platform.waiting("report")).length, 1);
  });
});

/** Documents whose first listing of a flow's counters has something happen after counter 0. */
function readsOneByOne(documents: Documents, between: () => Promise<void>): Documents {
  let isFirst = true;
  return {
    ...documents,
    query: async (id, kind, page) => {
      const before = await documents.query(id, kind, page);
      if (kind !== "flow" || !isFirst) return before;
      isFirst = false;
      await between();
      const after = await documents.query(id, kind, page);
      const isZeroth = ({ document }: Stored): boolean => document.id === documentId.flow(0);
      return { items: [...before.items.filter(isZeroth), ...after.items.filter((item) => !isZeroth(item))] };
    },
  };
}

describe("a zero that never was", () => {
  /*
   * One execution runs, counted in counter 1. Once counter 0 has been read, it commits two children
   * into counter 0, and one of them ends in counter 1: what was read adds up to zero, while the
   * other child runs.
   */
  for (const [title, first] of [
    ["between two counters", 0],
    ["before a counter that comes to be meanwhile", undefined],
  ] as const) {
    it(`is seen through ${title}`, async () => {
      const count = (shard: number, running: number, events = 0) => ({
        kind: "count" as const,
        shard,
        add: { running, events },
      });
      const platform = await memoryPlatform({
        limits: { counterShards: 2 },
        wrap: ({ documents }) => ({
          documents: readsOneByOne(documents, () => documents.batch(flow, [count(0, 1, 2), count(1, -1)])),
        }),
      });
      const { documents, context } = platform;
      await documents.batch(flow, [count(1, 1, 1), ...(first === undefined ? [] : [count(0, first)])]);
      assert.equal(await completeFlow(context, flow), false);
      assert.deepEqual(await platform.read(flow, "completed"), []);
      await documents.batch(flow, [count(0, -1)]);
      assert.equal(await completeFlow(context, flow), true);
      assert.equal((await platform.waiting("report")).length, 1);
    });
  }
});
