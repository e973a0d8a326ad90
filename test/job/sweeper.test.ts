import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Document, documentId } from "../../runtime/contract/documents.ts";
import { deriveId } from "../../runtime/contract/ids.ts";
import { runSweeper, sweep } from "../../runtime/job/sweeper.ts";
import { quiet } from "../dispatcher/house.ts";
import {
  emits,
  type MemoryPlatform,
  makeAttempt,
  makeRoot,
  memoryPlatform,
  recordingLog,
} from "./memory-platform.ts";
import { type OnWrite, watchedPorts } from "./watched-ports.ts";

const flow = deriveId("flow");
const minute = 60_000;
const retention = 30 * 24 * 3_600_000;

/** A platform whose writes a test can cut off. */
async function breakable() {
  const writes: { on: OnWrite } = { on: () => {} };
  const platform = await memoryPlatform({ wrap: watchedPorts((write) => writes.on(write)) });
  const log = recordingLog();
  return {
    platform,
    log,
    cutOffAt: (part: string) => {
      writes.on = (write) => {
        if (write.includes(part)) throw new Error(`the process ends at '${part}'`);
      };
    },
    mend: () => {
      writes.on = () => {};
    },
    sweepAfter: async (milliseconds: number) => {
      platform.clock.advance(milliseconds);
      await sweep(platform.context, log);
    },
  };
}

async function endFlow(platform: MemoryPlatform): Promise<void> {
  const root = await platform.beginFlow();
  await platform.commit(makeAttempt("splitter", root), (workspace) => workspace.write("out/data/a", "a"));
}

const listDue = async ({ documents, clock }: MemoryPlatform, within: number): Promise<string[]> =>
  (await documents.due(clock.now() + within, 100)).map(({ document }) => document.id);

describe("sweep() makes good", () => {
  it("a commit whose children are not out", async () => {
    const { platform, cutOffAt, mend, sweepAfter } = await breakable();
    const root = await platform.beginFlow();
    cutOffAt("publish");
    await assert.rejects(platform.commit(makeAttempt("splitter", root), emits(3)), /ends at/);
    mend();
    await sweepAfter(minute - 1);
    assert.equal((await platform.waiting("worker")).length, 0);
    await sweepAfter(1);
    assert.equal((await platform.waiting("worker")).length, 3);
    assert.equal((await platform.read(flow, "commit"))[0]?.published, true);
  });

  it("a flow's first event that is not out", async () => {
    const { platform, sweepAfter } = await breakable();
    const id = documentId.event(flow);
    const unpublished = { published: false, due: platform.clock.now() + minute };
    await platform.documents.create({
      kind: "event",
      id,
      flow,
      event: makeRoot(),
      files: [],
      ...unpublished,
    });
    await sweepAfter(minute);
    assert.equal((await platform.waiting("splitter")).length, 1);
    const [stored] = await platform.read(flow, "event");
    assert.deepEqual([stored?.published, stored?.due], [true, undefined]);
  });

  it("an end that nobody has seen", async () => {
    const { platform, cutOffAt, mend, sweepAfter } = await breakable();
    cutOffAt("create completed");
    await assert.rejects(endFlow(platform), /ends at/);
    mend();
    await sweepAfter(minute);
    assert.equal((await platform.waiting("report")).length, 1);
    await sweepAfter(minute);
    assert.equal((await platform.waiting("report")).length, 1);
  });

  it("an end that was seen and is not out", async () => {
    const { platform, cutOffAt, mend, sweepAfter } = await breakable();
    cutOffAt("publish ion.flow_completed");
    await assert.rejects(endFlow(platform), /ends at/);
    mend();
    await sweepAfter(minute);
    assert.equal((await platform.waiting("report")).length, 1);
  });
});

describe("sweep() looks", () => {
  it("again and again at a flow that goes on, and no more at one that has ended", async () => {
    const { platform, sweepAfter } = await breakable();
    const root = await platform.beginFlow();
    await platform.commit(makeAttempt("splitter", root), emits(1));
    const counters = async () => (await listDue(platform, minute)).filter((id) => id.startsWith("flow"));
    for (let times = 0; times < 3; times += 1) {
      await sweepAfter(minute);
      assert.equal((await counters()).length, 1);
    }
    const [leaf] = await platform.waiting("worker");
    assert.ok(leaf);
    await platform.commit(makeAttempt("worker", leaf));
    await sweepAfter(minute);
    assert.deepEqual(await counters(), []);
  });

  it("at all that is due, in one go", async () => {
    const { platform, sweepAfter } = await breakable();
    for (let index = 0; index < 250; index += 1) await platform.beginFlow(`flow ${index}`);
    await sweepAfter(minute);
    assert.deepEqual(await platform.documents.due(platform.clock.now(), 1_000), []);
  });

  it("past what fails, which is tried again", async () => {
    const { platform, log, sweepAfter } = await breakable();
    const { documents, clock } = platform;
    for (let index = 0; index < 150; index += 1) {
      const bad = `bad ${index}`;
      const id = documentId.commit("execution");
      const fields = { outcome: "succeeded", executionId: "execution", attempt: 1 } as const;
      const document: Document = {
        kind: "commit",
        id,
        flow: bad,
        ...fields,
        children: ["nowhere"],
        stages: 0,
        childCount: 1,
        files: [],
        published: false,
        due: clock.now(),
      };
      await documents.create(document);
    }
    const root = await platform.beginFlow();
    await platform.commit(makeAttempt("splitter", root));
    await sweepAfter(minute);
    assert.equal(log.said.length, 150);
    assert.deepEqual((await documents.due(clock.now(), 1_000)).length, 0);
    await sweepAfter(minute);
    assert.equal(log.said.length, 300);
  });
});

describe("retention", () => {
  it("removes a flow's files, then its documents, once its time is over", async () => {
    const { platform, sweepAfter } = await breakable();
    await endFlow(platform);
    await sweepAfter(retention - 1);
    assert.equal((await platform.read(flow, "commit")).length, 1);
    await sweepAfter(1);
    for (const kind of ["flow", "event", "execution", "commit", "log", "completed"] as const) {
      assert.deepEqual(await platform.read(flow, kind), [], kind);
    }
    assert.deepEqual(await Array.fromAsync(platform.blobs.list(flow)), []);
  });

  it("keeps the documents while the files can't be removed", async () => {
    const { platform, cutOffAt, mend, sweepAfter } = await breakable();
    await endFlow(platform);
    cutOffAt("remove");
    await sweepAfter(retention);
    assert.equal((await platform.read(flow, "completed")).length, 1);
    mend();
    await sweepAfter(minute);
    assert.equal((await platform.read(flow, "completed")).length, 0);
  });

  it("keeps a flow that a replay has opened again", async () => {
    const { platform, sweepAfter } = await breakable();
    await endFlow(platform);
    await platform.documents.batch(flow, [{ kind: "count", shard: 0, add: { running: 1, reopened: 1 } }]);
    await sweepAfter(retention);
    assert.equal((await platform.read(flow, "completed")).length, 1);
  });

  it("counts from the last end, also when two replays at once have opened the flow again", async () => {
    const { platform, sweepAfter } = await breakable();
    await endFlow(platform);
    await platform.documents.batch(flow, [{ kind: "count", shard: 0, add: { running: 2, reopened: 2 } }]);
    platform.clock.advance(retention - minute);
    await platform.documents.batch(flow, [{ kind: "count", shard: 0, add: { running: -2 }, due: 0 }]);
    await sweepAfter(0);
    assert.equal((await platform.read(flow, "completed")).length, 2);
    await sweepAfter(minute);
    assert.equal((await platform.read(flow, "completed")).length, 2);
    await sweepAfter(retention - minute);
    assert.equal((await platform.read(flow, "completed")).length, 0);
  });
});

describe("runSweeper()", () => {
  it("sweeps every now and then until it's ended, also when documents can't be read for a while", async () => {
    const { platform, log } = await breakable();
    const { documents } = platform.context;
    const end = new AbortController();
    let isAway = true;
    let looks = 0;
    const due: typeof documents.due = async (now, limit) => {
      looks += 1;
      if (isAway) throw new Error("no connection");
      return documents.due(now, limit);
    };
    const context = { ...platform.context, documents: { ...documents, due } };
    const sweeping = runSweeper({ context, log, signal: end.signal, everyMilliseconds: 1_000 });
    for (const [expected, failures] of [
      [1, 1],
      [2, 2],
      [3, 2],
    ] as const) {
      await quiet();
      assert.deepEqual([looks, log.said.length], [expected, failures]);
      isAway = expected < 2;
      platform.clock.advance(1_000);
    }
    end.abort();
    await sweeping;
  });
});
