import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { documentId } from "../../runtime/contract/documents.ts";
import { deriveId } from "../../runtime/contract/ids.ts";
import type { DocumentLimits } from "../../runtime/ports/documents.ts";
import { emits, type MemoryPlatform, makeAttempt, memoryPlatform } from "./memory-platform.ts";
import { crashAt, watchedPorts } from "./watched-ports.ts";
import type { Workspace } from "./workspace.ts";

const flow = deriveId("flow");
const roomy: Partial<DocumentLimits> = { operations: 1_000 };
const narrow: Partial<DocumentLimits> = { operations: 10 };

/** What became of a fan-out: everything but how it was written. */
async function readEffects(platform: MemoryPlatform) {
  const [commit] = await platform.read(flow, "commit");
  const waiting = await platform.waiting("worker");
  return {
    events: (await platform.read(flow, "event")).map(({ event, files, executionId }) => ({
      event,
      files,
      executionId,
    })),
    waiting: waiting.map(({ id }) => id).toSorted(),
    counts: await platform.counts(flow),
    childCount: commit?.childCount,
    published: commit?.published,
  };
}

async function commitWith(limits: Partial<DocumentLimits>, write: (workspace: Workspace) => void) {
  const platform = await memoryPlatform({ limits });
  await platform.commit(makeAttempt("splitter", await platform.beginFlow()), write);
  return platform;
}

const manyWithFiles = (workspace: Workspace) => {
  workspace.write("out/data/shared.bin", "bytes");
  for (let index = 0; index < 250; index += 1) {
    workspace.writeEvent(`${index}.json`, { type: "leaf", data: { index }, files: ["shared.bin"] });
  }
};

describe("a fan-out that is too large for one batch", () => {
  it("has the same effects as one that isn't", async () => {
    const inline = await commitWith(roomy, manyWithFiles);
    const staged = await commitWith(narrow, manyWithFiles);
    assert.equal((await inline.read(flow, "stage")).length, 0);
    assert.ok((await staged.read(flow, "stage")).length > 0);
    const effects = await readEffects(inline);
    assert.equal(effects.waiting.length, 250);
    assert.deepEqual(await readEffects(staged), effects);
  });

  it("may have 10,000 children with the cloud's limits", async () => {
    const platform = await commitWith({}, emits(10_000));
    const { events, running } = await platform.counts(flow);
    assert.deepEqual({ events, running }, { events: 10_001, running: 10_000 });
    const { waiting } = await platform.bus.depth({ topic: "leaf", module: "worker" });
    assert.equal(waiting, 10_000);
    assert.equal((await platform.read(flow, "event")).length, 10_001);
    assert.equal((await platform.read(flow, "commit"))[0]?.published, true);
  });

  it("may have files whose names fill more than one document", async () => {
    const name = (index: number) => `${String(index).padStart(4, "0")}-${"n".repeat(200)}`;
    const platform = await commitWith({}, (workspace) => {
      for (let index = 0; index < 4_000; index += 1) workspace.write(`out/data/${name(index)}`, "");
    });
    const [commit] = await platform.read(flow, "commit");
    const stages = await platform.read(flow, "stage");
    const named = stages.flatMap(({ files }) => files.map(({ path }) => path));
    assert.equal(commit?.stages, stages.length);
    assert.equal(new Set(named).size, 4_000);
    assert.equal(commit?.published, true);
  });

  it("counts for nothing until the manifest names it", async () => {
    let isCutOff = true;
    const platform = await memoryPlatform({
      limits: narrow,
      wrap: watchedPorts((write) => {
        if (isCutOff && write.startsWith("batch create commit")) throw new Error("the process ends here");
      }),
    });
    const root = await platform.beginFlow();
    const counts = await platform.counts(flow);
    await assert.rejects(platform.commit(makeAttempt("splitter", root, 1), emits(40)), /ends here/);
    assert.deepEqual(await platform.counts(flow), counts);
    assert.equal((await platform.read(flow, "event")).length, 1);
    isCutOff = false;
    await platform.commit(makeAttempt("splitter", root, 2), emits(30));
    assert.equal((await platform.waiting("worker")).length, 30);
    assert.equal((await platform.read(flow, "event")).length, 31);
  });

  it("of a losing attempt comes to nothing", async () => {
    const platform = await memoryPlatform({ limits: narrow });
    const root = await platform.beginFlow();
    await platform.commit(makeAttempt("splitter", root, 2), emits(30));
    await platform.commit(makeAttempt("splitter", root, 1), emits(40));
    assert.equal((await platform.waiting("worker")).length, 30);
    assert.equal((await platform.counts(flow)).running, 30);
  });

  it("survives a crash at every write, with the next attempt", async () => {
    const undisturbed = await readEffects(await commitWith(narrow, emits(35)));
    for (let point = 1, wasReached = true; wasReached; point += 1) {
      const crash = crashAt(point);
      let isCutOff = true;
      const platform = await memoryPlatform({
        limits: narrow,
        wrap: watchedPorts((write) => {
          if (isCutOff) crash.onWrite(write);
        }),
      });
      const root = await platform.beginFlow();
      await platform.commit(makeAttempt("splitter", root, 1), emits(35)).catch(() => {});
      isCutOff = false;
      wasReached = crash.wasReached();
      if (wasReached) await platform.commit(makeAttempt("splitter", root, 2), emits(35));
      assert.deepEqual(await readEffects(platform), undisturbed, `cut off at write ${point}`);
    }
  });

  it("stages under names that attempts don't share", async () => {
    const platform = await memoryPlatform({ limits: narrow });
    const root = await platform.beginFlow();
    const attempts = [makeAttempt("splitter", root, 1), makeAttempt("splitter", root, 2)];
    for (const attempt of attempts) await platform.commit(attempt, emits(20));
    assert.deepEqual(
      (await platform.read(flow, "stage")).map(({ id }) => id),
      attempts.map(({ executionId, attempt }) => documentId.stage(executionId, attempt, 0)),
    );
  });
});
