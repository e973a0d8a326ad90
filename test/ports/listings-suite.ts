import assert from "node:assert/strict";
import { describe } from "node:test";
import { documentId, type ExecutionDocument, zeroCounts } from "../../runtime/contract/documents.ts";
import type { Documents } from "../../runtime/ports/documents.ts";
import { eachItem } from "../../runtime/ports/page.ts";
import {
  beginning,
  documentsCase,
  type MakeDocuments,
  makeEventDocument,
  makeInsight,
  makeLog,
  readLog,
} from "./documents-fixture.ts";

const execution: ExecutionDocument = {
  kind: "execution",
  id: documentId.execution("x"),
  flow: "flow",
  module: "faces",
  version: "1",
  eventId: "1",
  phase: "running",
  attempt: 1,
  interruptions: 0,
  forgiven: 0,
  startedAt: 1,
  attemptStartedAt: 1,
};

const numbers = (length: number): number[] => Array.from({ length }, (_, index) => index);

const listAttempts = async (documents: Documents, size: number): Promise<number[]> =>
  (await Array.fromAsync(eachItem((page) => documents.query("flow", "log", page), size))).map(
    ({ document }) => document.attempt,
  );

const listInsights = async (documents: Documents, size?: number, since?: number): Promise<string[]> => {
  const filter = { module: "faces", ...(since !== undefined && { since }) };
  const items = await Array.fromAsync(eachItem((page) => documents.insights(filter, page), size));
  return items.map(({ executionId }) => executionId);
};

/** How every store of documents must list them. */
export function listingsSuite(name: string, make: MakeDocuments): void {
  const testCase = documentsCase(make);

  describe(`${name} as Documents: query`, () => {
    testCase("query() gives one kind of one flow in the order of ids", async (documents) => {
      for (const attempt of [3, 1, 2]) await documents.create(makeLog(attempt));
      await documents.create(makeLog(4, { flow: "other" }));
      await documents.create(makeInsight("x", 1));
      const { items, next } = await documents.query("flow", "log");
      assert.deepEqual(
        items.map(({ document }) => document),
        [makeLog(1), makeLog(2), makeLog(3)],
      );
      assert.equal(next, undefined);
      assert.equal(items[0]?.etag, (await readLog(documents, 1)).etag);
      assert.deepEqual(await documents.query("flow", "stage"), { items: [] });
      assert.deepEqual(await documents.query("unknown", "log"), { items: [] });
    });

    testCase("query() gives pages, 100 a page where nothing else is said", async (documents) => {
      await documents.batch(
        "flow",
        numbers(100).map((attempt) => ({ kind: "create", document: makeLog(100 + attempt) })),
      );
      assert.equal((await documents.query("flow", "log")).next, undefined, "the last page says so");
      await documents.create(makeLog(200));
      const { items, next } = await documents.query("flow", "log");
      assert.equal(items.length, 100);
      assert.notEqual(next, undefined);
      const all = numbers(101).map((attempt) => 100 + attempt);
      assert.deepEqual(await listAttempts(documents, 100), all);
      assert.deepEqual(await listAttempts(documents, 7), all);
    });

    testCase("query() goes on behind a document that was removed meanwhile", async (documents) => {
      for (const attempt of [1, 2, 3]) await documents.create(makeLog(attempt));
      const { next } = await documents.query("flow", "log", { size: 2 });
      assert.ok(next);
      const { document, etag } = await readLog(documents, 2);
      await documents.batch("flow", [{ kind: "remove", id: document.id, etag }]);
      const { items } = await documents.query("flow", "log", { after: next });
      assert.deepEqual(
        items.map((stored) => stored.document.id),
        [makeLog(3).id],
      );
    });
  });

  describe(`${name} as Documents: insights`, () => {
    testCase("insights() gives those of one module over all flows, newest first", async (documents) => {
      await documents.create(makeInsight("old", 1));
      await documents.create(makeInsight("new", 3, { flow: "other" }));
      await documents.create(makeInsight("middle", 2, { flow: "third" }));
      await documents.create(makeInsight("else", 2, { module: "age" }));
      assert.deepEqual(await listInsights(documents), ["new", "middle", "old"]);
      assert.deepEqual(await listInsights(documents, 1), ["new", "middle", "old"]);
      assert.deepEqual((await documents.insights({ module: "unknown" })).items, []);
    });

    testCase("insights() since a time leaves out what is older", async (documents) => {
      for (const time of [1, 2, 3]) await documents.create(makeInsight(String(time), time));
      assert.deepEqual(await listInsights(documents, 1, 2), ["3", "2"]);
    });

    testCase("insights() of one time come once each, whatever the pages' size", async (documents) => {
      const ids = numbers(7).map(String);
      for (const id of ids) await documents.create(makeInsight(id, Number(id) < 5 ? 1 : 2));
      for (const size of [1, 2, 3, 7]) {
        const listed = await listInsights(documents, size);
        assert.deepEqual(listed.slice(0, 2).sort(), ["5", "6"]);
        assert.deepEqual([...listed].sort(), ids);
      }
    });

    testCase("insights() goes on where its flows are removed meanwhile", async (documents) => {
      for (const id of numbers(6).map(String)) await documents.create(makeInsight(id, 1, { flow: id }));
      const listed: string[] = [];
      for await (const { flow } of eachItem((page) => documents.insights({ module: "faces" }, page), 2)) {
        listed.push(flow);
        if (Number(flow) % 2 === 0) await documents.removeFlow(flow);
      }
      assert.deepEqual(listed.sort(), ["0", "1", "2", "3", "4", "5"]);
    });
  });

  describe(`${name} as Documents: due`, () => {
    testCase(
      "due() gives what is not after the time over all flows, most overdue first",
      async (documents) => {
        await documents.create(makeLog(1, { due: 30 }));
        await documents.create(makeLog(2, { due: 10, flow: "other" }));
        await documents.create(makeLog(3, { due: 20 }));
        await documents.create(makeLog(4, { due: 31 }));
        await documents.create(makeLog(5));
        const attempts = async (limit: number) =>
          (await documents.due(30, limit)).map(({ document }) => document.kind === "log" && document.attempt);
        assert.deepEqual(await attempts(9), [2, 3, 1]);
        assert.deepEqual(await attempts(2), [2, 3]);
        assert.equal((await documents.due(30, 9))[2]?.etag, (await readLog(documents, 1)).etag);
      },
    );

    testCase("due() forgets a document whose due was cleared or that was removed", async (documents) => {
      for (const attempt of [1, 2, 3]) await documents.create(makeLog(attempt, { due: 1 }));
      await documents.replace(makeLog(1), (await readLog(documents, 1)).etag);
      await documents.batch("flow", [
        { kind: "put", document: makeLog(2) },
        { kind: "remove", id: makeLog(3).id, etag: (await readLog(documents, 3)).etag },
      ]);
      assert.deepEqual(await documents.due(9, 9), []);
    });
  });

  describe(`${name} as Documents: flows`, () => {
    testCase("flows() gives flows in pages, the one begun last first", async (documents) => {
      for (const flow of ["b", "c", "a"]) await documents.batch(flow, [beginning]);
      await documents.batch("b", [beginning, { kind: "create", document: makeEventDocument("1") }]);
      assert.deepEqual((await documents.flows()).items, ["a", "c", "b"]);
      assert.deepEqual(await Array.fromAsync(eachItem((page) => documents.flows(page), 2)), ["a", "c", "b"]);
      assert.equal((await documents.flows({ size: 3 })).next, undefined, "the last page says so");
    });

    testCase("flows() gives a flow however its counts were made", async (documents) => {
      const counts = { kind: "flow", id: "flow", counts: zeroCounts } as const;
      await documents.create({ ...counts, flow: "created" });
      await documents.batch("put", [{ kind: "put", document: { ...counts, flow: "put" } }]);
      const stored = await documents.find("flow", "created", "flow");
      assert.ok(stored);
      await documents.replace(stored.document, stored.etag);
      assert.deepEqual((await documents.flows()).items, ["put", "created"]);
    });

    testCase("flows() goes on where they are removed meanwhile", async (documents) => {
      const all = numbers(6).map(String);
      for (const flow of all) await documents.batch(flow, [beginning]);
      const listed: string[] = [];
      for await (const flow of eachItem((page) => documents.flows(page), 2)) {
        listed.push(flow);
        if (Number(flow) % 2 === 0) await documents.removeFlow(flow);
      }
      assert.deepEqual(listed, all.reverse());
    });

    testCase("locate() finds the flow of a document", async (documents) => {
      await documents.create(execution);
      await documents.create(makeEventDocument("1", { flow: "other" }));
      assert.equal(await documents.locate("execution:x"), "flow");
      assert.equal(await documents.locate("event:1"), "other");
      assert.equal(await documents.locate("execution:unknown"), undefined);
      assert.equal(await documents.locate("event:unknown"), undefined);
      await documents.removeFlow("flow");
      assert.equal(await documents.locate("execution:x"), undefined);
    });
  });
}
