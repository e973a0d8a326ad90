import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { counterShard, documentId } from "../../runtime/contract/documents.ts";
import { IonError } from "../../runtime/contract/errors.ts";
import { derivedIds } from "../../runtime/contract/ids.ts";
import { eachItem } from "../../runtime/ports/page.ts";
import { emits, makeAttempt, memoryPlatform, type Ports } from "./memory-platform.ts";
import { watchedPorts } from "./watched-ports.ts";
import type { Workspace } from "./workspace.ts";

const twoFiles = (workspace: Workspace) => {
  workspace.write("out/data/a.png", "aaaa");
  workspace.write("out/data/deep/b.png", "bb");
  workspace.writeEvent("one.json", { type: "leaf", data: { n: 1 }, files: ["a.png", "deep/b.png"] });
  workspace.writeEvent("two.json", { type: "unheard", data: { n: 2 } });
};

/** A platform that notes what is written, and the first event of a flow. */
async function watched() {
  const writes: string[] = [];
  const platform = await memoryPlatform({ wrap: watchedPorts((write) => void writes.push(write)) });
  return { platform, writes, root: await platform.beginFlow() };
}

/** Documents that publish in their batch, as a laptop's do. */
const publishing = ({ documents, bus }: Ports): Partial<Ports> => ({
  documents: {
    ...documents,
    publishes: true,
    batch: async (flow, operations, events = []) => {
      await documents.batch(flow, operations);
      await bus.publish(events);
    },
  },
});

describe("commitAttempt() writes", () => {
  it("files before the commit, events after it, and last that they are out", async () => {
    const { platform, writes, root } = await watched();
    await platform.commit(makeAttempt("splitter", root), twoFiles);
    assert.deepEqual(writes.slice(0, 2).toSorted(), ["put a.png", "put deep/b.png"]);
    assert.deepEqual(writes.slice(2), [
      "batch create commit, create event, create event, put execution, put log, count",
      "publish leaf unheard",
      "replace commit",
    ]);
  });

  it("all that an end makes true in one batch", async () => {
    const { platform, writes, root } = await watched();
    await platform.commit(makeAttempt("splitter", root), (workspace) => {
      emits(1)(workspace);
      workspace.write("out/insights.json", `{"faces":3}`);
    });
    assert.equal(writes[0], "batch create commit, create event, put execution, put log, put insight, count");
    const [insight] = await platform.read(root.id, "insight");
    assert.deepEqual(
      [insight?.insight, insight?.module, insight?.eventId],
      [{ faces: 3 }, "splitter", root.id],
    );
  });

  it("nothing at all when the output breaks a rule", async () => {
    for (const [code, spoil] of [
      ["invalid", (workspace) => workspace.writeEvent("bad.json", { type: "nobody declares this" })],
      ["invalid", (workspace) => workspace.writeEvent("bad.json", { type: "leaf", files: ["missing"] })],
      [
        "limit",
        (workspace) => workspace.writeEvent("bad.json", { type: "leaf", data: { a: "a".repeat(3e5) } }),
      ],
    ] as const satisfies [string, (workspace: Workspace) => void][]) {
      const { platform, writes, root } = await watched();
      const spoilt = (workspace: Workspace) => {
        twoFiles(workspace);
        spoil(workspace);
      };
      await assert.rejects(platform.commit(makeAttempt("splitter", root), spoilt), { code });
      assert.deepEqual(writes, []);
    }
  });

  it("no document when a file can't be uploaded", async () => {
    const full = new IonError("unavailable", "the store is full");
    const platform = await memoryPlatform({
      wrap: watchedPorts((write) => {
        if (write === "put deep/b.png") throw full;
      }),
    });
    const root = await platform.beginFlow();
    await assert.rejects(platform.commit(makeAttempt("splitter", root), twoFiles), full);
    assert.deepEqual(await platform.read(root.id, "commit"), []);
    assert.deepEqual(await platform.waiting("worker"), []);
  });

  it("one batch when there is nothing to pass on", async () => {
    const { platform, writes, root } = await watched();
    const leaf = { ...root, id: "leaf", type: "leaf" };
    await platform.commit(makeAttempt("splitter", root), emits(1));
    writes.length = 0;
    await platform.commit(makeAttempt("worker", leaf));
    assert.equal(writes[0], "batch create commit, put execution, put log, count");
    assert.equal(writes.includes("replace commit"), false);
    assert.ok((await platform.read(root.id, "commit")).every(({ published }) => published));
  });

  it("events with the commit where documents can publish", async () => {
    const platform = await memoryPlatform({ wrap: publishing });
    const root = await platform.beginFlow();
    await platform.commit(makeAttempt("splitter", root), emits(3));
    assert.equal((await platform.waiting("worker")).length, 3);
    const [commit] = await platform.read(root.id, "commit");
    assert.deepEqual([commit?.published, commit?.due], [true, undefined]);
  });
});

describe("a commit", () => {
  it("makes children that say where they come from and which files are theirs", async () => {
    const { platform, root } = await watched();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const attempt = makeAttempt("splitter", { ...root, traceparent });
    await platform.commit(attempt, twoFiles);
    const id = derivedIds.child(attempt.executionId, "one.json");
    const stored = await platform.documents.find("event", root.id, documentId.event(id));
    assert.ok(stored);
    const { event, files, executionId } = stored.document;
    assert.deepEqual(event, {
      specversion: "1.0",
      id,
      source: "/ion/splitter",
      type: "leaf",
      time: "2030-01-01T00:00:00.000Z",
      datacontenttype: "application/json",
      data: { n: 1 },
      correlationid: root.id,
      parentid: root.id,
      files: 2,
      traceparent,
    });
    assert.equal(executionId, attempt.executionId);
    assert.deepEqual(
      files.map(({ path, bytes }) => [path, bytes]),
      [
        ["a.png", 4],
        ["deep/b.png", 2],
      ],
    );
    assert.equal(await text(await platform.blobs.get(files[0]?.blob ?? "")), "aaaa");
    assert.deepEqual(await platform.waiting("worker"), [event]);
  });

  it("names all files in its manifest, those of no event too", async () => {
    const { platform, root } = await watched();
    await platform.commit(makeAttempt("splitter", root), (workspace) => workspace.write("out/data/x", "x"));
    const [commit] = await platform.read(root.id, "commit");
    const stored = await Array.fromAsync(platform.blobs.list(root.id));
    assert.deepEqual(
      commit?.files.map(({ blob }) => blob),
      stored.map(({ path }) => path),
    );
  });

  it("counts in its execution's shard what it adds and that it has ended", async () => {
    const { platform, root } = await watched();
    const attempt = makeAttempt("splitter", root);
    const before = await platform.read(root.id, "flow");
    await platform.commit(attempt, (workspace) => {
      emits(3)(workspace);
      workspace.writeEvent("unheard.json", { type: "unheard" });
    });
    const shards = platform.documents.limits.counterShards;
    const changed = (await platform.read(root.id, "flow")).filter(
      ({ id, counts }) =>
        JSON.stringify(before.find((each) => each.id === id)?.counts) !== JSON.stringify(counts),
    );
    assert.deepEqual(
      changed.map(({ id }) => id),
      [documentId.flow(counterShard(attempt.executionId, shards))],
    );
    const { events, running, succeeded } = await platform.counts(root.id);
    assert.deepEqual({ events, running, succeeded }, { events: 5, running: 3, succeeded: 1 });
  });

  it("is due for the sweeper until its children are out", async () => {
    const platform = await memoryPlatform({
      wrap: watchedPorts((write) => {
        if (write.startsWith("publish")) throw new Error("the process ends here");
      }),
    });
    const root = await platform.beginFlow();
    await assert.rejects(platform.commit(makeAttempt("splitter", root), emits(1)), /ends here/);
    const due = await platform.documents.due(platform.clock.now() + 60_000, 10);
    assert.ok(due.some(({ document }) => document.kind === "commit"));
  });

  it("of a flow's end says that its children belong to the end", async () => {
    const { platform, root } = await watched();
    const completed = { ...root, id: "completed", type: "ion.flow_completed", afterflow: true } as const;
    const before = await platform.counts(root.id);
    await platform.commit(makeAttempt("report", completed), emits(2, "summary"));
    const { trailing, ...rest } = await platform.counts(root.id);
    assert.deepEqual({ ...rest, trailing: 0 }, before);
    assert.equal(trailing, 1);
    assert.ok((await platform.waiting("archive")).every(({ afterflow }) => afterflow === true));
  });

  it("leaves one execution document and one log for its attempt", async () => {
    const { platform, root } = await watched();
    await platform.commit(makeAttempt("splitter", root, 2));
    const executions = await Array.fromAsync(
      eachItem((page) => platform.documents.query(root.id, "execution", page)),
    );
    assert.deepEqual(
      executions.map(({ document: { phase, attempt } }) => [phase, attempt]),
      [["succeeded", 2]],
    );
    const [log] = await platform.read(root.id, "log");
    assert.deepEqual([log?.attempt, log?.outcome], [2, "succeeded"]);
  });
});
