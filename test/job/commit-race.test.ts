import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CommitDocument, documentId } from "../../runtime/contract/documents.ts";
import { IonError } from "../../runtime/contract/errors.ts";
import type { IonEvent } from "../../runtime/contract/event.ts";
import { blobPrefix } from "../../runtime/contract/ids.ts";
import { emits, type MemoryPlatform, makeAttempt, memoryPlatform } from "./memory-platform.ts";
import { watchedPorts } from "./watched-ports.ts";
import type { Workspace } from "./workspace.ts";

const withFile = (content: string) => (workspace: Workspace) => {
  workspace.write("out/data/file", content);
  workspace.writeEvent("0.json", { type: "leaf", data: { content }, files: ["file"] });
};

async function listBlobs({ blobs }: MemoryPlatform, flow: string): Promise<string[]> {
  return Array.fromAsync(blobs.list(flow), ({ path }) => path);
}

/** Where a commit would be: the execution is dead. */
function makeTombstone(root: IonEvent): CommitDocument {
  const { executionId } = makeAttempt("splitter", root);
  const flow = root.id;
  const none = { children: [], stages: 0, childCount: 0, files: [] };
  const id = documentId.commit(executionId);
  return { kind: "commit", id, flow, outcome: "dead", executionId, attempt: 3, ...none, published: true };
}

describe("the second of two attempts that commit", () => {
  it("changes nothing, takes its files away and keeps the winner's", async () => {
    const platform = await memoryPlatform();
    const root = await platform.beginFlow();
    const [first, second] = [makeAttempt("splitter", root, 1), makeAttempt("splitter", root, 2)];
    await platform.commit(second, withFile("second"));
    const counts = await platform.counts(root.id);
    await platform.commit(first, withFile("first"));
    assert.deepEqual(await platform.counts(root.id), counts);
    assert.deepEqual(await listBlobs(platform, root.id), [
      `${blobPrefix(root.id, second.executionId, 2)}/file`,
    ]);
    assert.deepEqual(
      (await platform.waiting("worker")).map(({ data }) => data),
      [{ content: "second" }],
    );
    assert.deepEqual(
      (await platform.read(root.id, "execution")).map(({ attempt }) => attempt),
      [2],
    );
  });

  it("sends the winner's children out where the winner was cut off", async () => {
    let isCutOff = true;
    const platform = await memoryPlatform({
      wrap: watchedPorts((write) => {
        if (isCutOff && write.startsWith("publish")) throw new Error("the process ends here");
      }),
    });
    const root = await platform.beginFlow();
    await assert.rejects(platform.commit(makeAttempt("splitter", root, 1), emits(3)), /ends here/);
    isCutOff = false;
    await platform.commit(makeAttempt("splitter", root, 2), emits(5));
    assert.equal((await platform.waiting("worker")).length, 3);
    const [commit] = await platform.read(root.id, "commit");
    assert.deepEqual([commit?.attempt, commit?.published], [1, true]);
  });

  it("closes the flow where the winner was cut off", async () => {
    let isCutOff = true;
    const platform = await memoryPlatform({
      wrap: watchedPorts((write) => {
        if (isCutOff && write.includes("completed")) throw new Error("the process ends here");
      }),
    });
    const root = await platform.beginFlow();
    await assert.rejects(platform.commit(makeAttempt("splitter", root, 1)), /ends here/);
    isCutOff = false;
    await platform.commit(makeAttempt("splitter", root, 2));
    assert.equal((await platform.waiting("report")).length, 1);
  });

  it("is the one that came later, however they interleave", async () => {
    for (let round = 0; round < 10; round += 1) {
      const platform = await memoryPlatform();
      const root = await platform.beginFlow();
      const attempts = [1, 2, 3].map((attempt) => makeAttempt("splitter", root, attempt));
      await Promise.all(
        attempts.map((attempt) => platform.commit(attempt, withFile(String(attempt.attempt)))),
      );
      const [commit] = await platform.read(root.id, "commit");
      assert.ok(commit);
      assert.deepEqual(
        (await platform.waiting("worker")).map(({ data }) => data),
        [{ content: String(commit.attempt) }],
      );
      assert.equal((await listBlobs(platform, root.id)).length, 1);
      const { events, running, succeeded } = await platform.counts(root.id);
      assert.deepEqual({ events, running, succeeded }, { events: 2, running: 1, succeeded: 1 });
    }
  });
});

describe("an attempt that commits", () => {
  it("after its execution was buried changes nothing and leaves no file", async () => {
    const platform = await memoryPlatform();
    const root = await platform.beginFlow();
    await platform.documents.create(makeTombstone(root));
    const counts = await platform.counts(root.id);
    await platform.commit(makeAttempt("splitter", root), withFile("late"));
    assert.deepEqual(await platform.counts(root.id), counts);
    assert.deepEqual(await platform.waiting("worker"), []);
    assert.deepEqual(await listBlobs(platform, root.id), []);
  });

  it("and hears a conflict of its own first try keeps its files", async () => {
    const platform = await memoryPlatform({
      wrap: ({ documents }) => ({
        documents: {
          ...documents,
          // The answer is lost, and whoever writes again finds the document there.
          batch: async (flow, operations) => {
            await documents.batch(flow, operations);
            await documents.batch(flow, operations);
          },
        },
      }),
    });
    const root = await platform.beginFlow();
    await platform.commit(makeAttempt("splitter", root), withFile("mine"));
    assert.equal((await listBlobs(platform, root.id)).length, 1);
    assert.equal((await platform.waiting("worker")).length, 1);
  });

  it("while a replay takes the tombstone away has to be run again", async () => {
    const platform = await memoryPlatform({
      wrap: ({ documents }) => ({
        documents: {
          ...documents,
          batch: () => Promise.reject(new IonError("conflict", "the tombstone was there")),
        },
      }),
    });
    const root = await platform.beginFlow();
    await assert.rejects(platform.commit(makeAttempt("splitter", root)), { code: "conflict" });
  });

  it("can be repeated as often as one likes", async () => {
    const platform = await memoryPlatform();
    const root = await platform.beginFlow();
    for (let times = 0; times < 3; times += 1)
      await platform.commit(makeAttempt("splitter", root, times + 1), emits(2));
    assert.equal((await platform.waiting("worker")).length, 2);
    assert.equal((await platform.counts(root.id)).running, 2);
  });
});
