import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CommitDocument } from "../../runtime/contract/documents.ts";
import { relay } from "../../runtime/job/relay.ts";
import type { DocumentLimits } from "../../runtime/ports/documents.ts";
import { emits, type MemoryPlatform, makeAttempt, memoryPlatform } from "./memory-platform.ts";
import { crashAt, type OnWrite, watchedPorts } from "./watched-ports.ts";

const children = 250;
const sizes: Record<string, Partial<DocumentLimits>> = {
  "named in the manifest": { operations: 1_000 },
  staged: { operations: 100 },
};

interface Unpublished {
  readonly platform: MemoryPlatform;
  readonly commit: CommitDocument;
  onWrite: OnWrite;
}

/** A commit whose committer was cut off before it published anything. */
async function leaveUnpublished(limits: Partial<DocumentLimits>): Promise<Unpublished> {
  const left = {
    onWrite: (write: string) => {
      if (!/^batch.*(commit|stage)/.test(write)) throw new Error("the committer ends here");
    },
  };
  const platform = await memoryPlatform({ limits, wrap: watchedPorts((write) => left.onWrite(write)) });
  const root = await platform.beginFlow();
  await assert.rejects(platform.commit(makeAttempt("splitter", root), emits(children)), /ends here/);
  const [commit] = await platform.read(root.id, "commit");
  assert.ok(commit);
  assert.equal(commit.published, false);
  return Object.assign(left, { platform, commit });
}

async function readCommit({ platform, commit }: Unpublished): Promise<CommitDocument> {
  const [stored] = await platform.read(commit.flow, "commit");
  assert.ok(stored);
  return stored;
}

async function assertAllOut(left: Unpublished, message: string): Promise<void> {
  const { platform, commit } = left;
  const ids = (await platform.waiting("worker")).map(({ id }) => id);
  assert.deepEqual([ids.length, new Set(ids).size], [children, children], message);
  const { published, due } = await readCommit(left);
  assert.deepEqual([published, due], [true, undefined], message);
  assert.equal((await platform.read(commit.flow, "event")).length, children + 1, message);
}

for (const [how, limits] of Object.entries(sizes)) {
  describe(`relay() of children ${how}`, () => {
    it("publishes each once, however often and wherever it was cut off", async () => {
      for (let point = 1, wasReached = true; wasReached; point += 1) {
        const left = await leaveUnpublished(limits);
        const crash = crashAt(point);
        left.onWrite = crash.onWrite;
        await relay(left.platform.context, left.commit).catch(() => {});
        wasReached = crash.wasReached();
        left.onWrite = () => {};
        await relay(left.platform.context, await readCommit(left));
        await assertAllOut(left, `cut off at write ${point}`);
      }
    });

    it("publishes each once when several do it at once", async () => {
      const left = await leaveUnpublished(limits);
      left.onWrite = () => {};
      await Promise.all([1, 2, 3].map(() => relay(left.platform.context, left.commit)));
      await assertAllOut(left, "three at once");
    });

    it("says that they are out only after the last of them is", async () => {
      const left = await leaveUnpublished(limits);
      const writes: string[] = [];
      left.onWrite = (write) => void writes.push(write.replace(/ .*/, ""));
      await relay(left.platform.context, left.commit);
      assert.equal(writes.at(-1), "replace");
      assert.equal(writes.filter((write) => write === "replace").length, 1);
      assert.ok(writes.filter((write) => write === "publish").length >= 3);
    });
  });
}

describe("relay()", () => {
  it("does nothing for what is out", async () => {
    const left = await leaveUnpublished({ operations: 1_000 });
    left.onWrite = () => assert.fail("nothing is written");
    await relay(left.platform.context, { ...left.commit, published: true });
  });

  it("names the child whose document is missing", async () => {
    const left = await leaveUnpublished({ operations: 1_000 });
    const children = ["nowhere"];
    await assert.rejects(relay(left.platform.context, { ...left.commit, children }), {
      code: "not-found",
      message: /'nowhere'/,
    });
  });

  it("names the stage that is missing", async () => {
    const left = await leaveUnpublished({ operations: 100 });
    left.onWrite = () => {};
    await assert.rejects(relay(left.platform.context, { ...left.commit, stages: 9 }), {
      code: "not-found",
      message: /stage:.*:1:/,
    });
  });

  it("is no failure when the flow's documents are gone meanwhile", async () => {
    const left = await leaveUnpublished({ operations: 1_000 });
    const { platform, commit } = left;
    left.onWrite = () => {};
    await platform.documents.removeFlow(commit.flow);
    await relay(platform.context, { ...commit, children: [] });
    assert.deepEqual(await platform.read(commit.flow, "commit"), []);
  });
});
