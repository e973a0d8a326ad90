import assert from "node:assert/strict";
import { describe } from "node:test";
import { documentId, zeroCounts } from "../../runtime/contract/documents.ts";
import type { Operation, Stored } from "../../runtime/ports/documents.ts";
import {
  beginning,
  documentsCase,
  hasLog,
  type MakeDocuments,
  makeEventDocument,
  makeInsight,
  makeLog,
  readCounts,
  readLog,
} from "./documents-fixture.ts";
import { listingsSuite } from "./listings-suite.ts";
import { publishingSuite } from "./publishing-suite.ts";
import { watchSuite } from "./watch-suite.ts";

/** Operations that fail a batch, given a log that is there and an etag that no document has any more. */
const failing: Record<string, (there: Stored, staleEtag: string) => Operation> = {
  "create of an id that is taken": ({ document }) => ({ kind: "create", document }),
  "replace with another etag": ({ document }, etag) => ({ kind: "replace", document, etag }),
  "replace of a document that is gone": (_, etag) => ({ kind: "replace", document: makeLog(99), etag }),
  "remove with another etag": ({ document: { id } }, etag) => ({ kind: "remove", id, etag }),
  "remove of a document that is gone": (_, etag) => ({ kind: "remove", id: makeLog(99).id, etag }),
};

/** What every store of documents must do; each case has one of its own. */
export function documentsSuite(name: string, make: MakeDocuments): void {
  const testCase = documentsCase(make);
  const restartCase = documentsCase(make, ({ reopen }) =>
    reopen === undefined ? "these documents don't outlive their process" : undefined,
  );

  describe(`${name} as Documents: one document`, () => {
    testCase("create() stores a document as it is", async (documents) => {
      const document = makeEventDocument("1", { due: 5, executionId: "ä€😀" });
      await documents.create(document);
      assert.deepEqual((await documents.find("event", "flow", document.id))?.document, document);
    });

    testCase("create() of an id that is taken is a conflict and changes nothing", async (documents) => {
      await documents.create(makeLog(1));
      const before = await readLog(documents, 1);
      await assert.rejects(documents.create(makeLog(1, { outcome: "failed" })), { code: "conflict" });
      assert.deepEqual(await readLog(documents, 1), before);
    });

    testCase("create() many times at once succeeds once", async (documents) => {
      const outcomes = ["succeeded", "failed", "interrupted"] as const;
      const results = await Promise.allSettled(
        outcomes.map((outcome) => documents.create(makeLog(1, { outcome }))),
      );
      const winner = results.findIndex(({ status }) => status === "fulfilled");
      assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
      assert.equal((await readLog(documents, 1)).document.outcome, outcomes[winner]);
    });

    testCase("create() of one id in two flows makes two documents", async (documents) => {
      await documents.create(makeLog(1));
      await documents.create(makeLog(1, { flow: "other", outcome: "failed" }));
      assert.equal((await readLog(documents, 1)).document.outcome, "succeeded");
    });

    testCase("find() gives undefined for another id, flow or kind", async (documents) => {
      await documents.create(makeLog(1));
      const { id } = makeLog(1);
      assert.equal(await documents.find("log", "flow", "log:unknown"), undefined);
      assert.equal(await documents.find("log", "unknown", id), undefined);
      assert.equal(await documents.find("event", "flow", id), undefined);
    });

    testCase("replace() needs the etag that was read, and changes it", async (documents) => {
      await documents.create(makeLog(1));
      const { etag } = await readLog(documents, 1);
      await documents.replace(makeLog(1, { outcome: "failed" }), etag);
      const after = await readLog(documents, 1);
      assert.equal(after.document.outcome, "failed");
      assert.notEqual(after.etag, etag);
      await assert.rejects(documents.replace(makeLog(1), etag), { code: "conflict" });
      assert.deepEqual(await readLog(documents, 1), after);
      await documents.replace(makeLog(1), after.etag);
    });

    testCase("replace() of a document that is gone is a conflict", async (documents) => {
      await documents.create(makeLog(1));
      const { etag } = await readLog(documents, 1);
      await assert.rejects(documents.replace(makeLog(2), etag), { code: "conflict" });
      await documents.batch("flow", [{ kind: "remove", id: makeLog(1).id, etag }]);
      await assert.rejects(documents.replace(makeLog(1), etag), { code: "conflict" });
      assert.equal(await hasLog(documents, 1), false);
    });

    testCase("replace() many times at once succeeds once", async (documents) => {
      await documents.create(makeLog(1));
      const { etag } = await readLog(documents, 1);
      const results = await Promise.allSettled(
        [1, 2, 3].map((endedAt) => documents.replace(makeLog(1, { endedAt }), etag)),
      );
      assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    });

    testCase("an etag doesn't fit a document made anew under its id", async (documents) => {
      await documents.create(makeLog(1));
      const { etag } = await readLog(documents, 1);
      await documents.batch("flow", [{ kind: "remove", id: makeLog(1).id, etag }]);
      await documents.create(makeLog(1));
      await assert.rejects(documents.replace(makeLog(1), etag), { code: "conflict" });
      const second = await readLog(documents, 1);
      await documents.removeFlow("flow");
      await documents.create(makeLog(1));
      await assert.rejects(documents.replace(makeLog(1), second.etag), { code: "conflict" });
    });

    testCase("a read sees every write that resolved before it", async (documents) => {
      const attempts = Array.from({ length: 100 }, (_, index) => index);
      const seen = await Promise.all(
        attempts.map(async (attempt) => {
          await documents.create(makeLog(attempt));
          return hasLog(documents, attempt);
        }),
      );
      assert.ok(seen.every((there) => there));
    });

    testCase("what was given and what was read are copies", async (documents) => {
      const given = makeInsight("x", 1, { due: 1 });
      await documents.create(given);
      Object.assign(given.insight, { faces: 3 });
      const readers = [
        async () => (await documents.find("insight", "flow", given.id))?.document,
        async () => (await documents.query("flow", "insight")).items[0]?.document,
        async () => (await documents.insights({ module: "faces" })).items[0],
        async () => (await documents.due(1, 1))[0]?.document,
      ];
      for (const read of [...readers, ...readers]) {
        const document = await read();
        assert.ok(document?.kind === "insight");
        assert.deepEqual(document.insight, { faces: 2 });
        Object.assign(document.insight, { faces: 3 });
      }
    });

    testCase("removeFlow() removes all of a flow and nothing else, again and again", async (documents) => {
      await documents.batch("flow", [beginning, { kind: "create", document: makeLog(1, { due: 1 }) }]);
      await documents.create(makeInsight("x", 1));
      await documents.create(makeInsight("y", 1, { flow: "other" }));
      for (let time = 0; time < 2; time += 1) {
        await documents.removeFlow("flow");
        assert.equal(await hasLog(documents, 1), false);
        assert.equal(await readCounts(documents), undefined);
        assert.deepEqual(await documents.flows(), { items: [] });
        assert.deepEqual(await documents.due(9, 9), []);
        assert.deepEqual((await documents.insights({ module: "faces" })).items, [
          makeInsight("y", 1, { flow: "other" }),
        ]);
      }
    });
  });

  describe(`${name} as Documents: batch`, () => {
    testCase("batch() writes all of its operations", async (documents) => {
      await documents.batch("flow", [
        { kind: "create", document: makeLog(1) },
        { kind: "put", document: makeLog(2) },
      ]);
      await documents.batch("flow", [
        { kind: "replace", document: makeLog(1, { endedAt: 9 }), etag: (await readLog(documents, 1)).etag },
        { kind: "remove", id: makeLog(2).id, etag: (await readLog(documents, 2)).etag },
        { kind: "create", document: makeLog(3) },
        beginning,
      ]);
      assert.equal((await readLog(documents, 1)).document.endedAt, 9);
      assert.equal(await hasLog(documents, 2), false);
      assert.equal(await hasLog(documents, 3), true);
      assert.deepEqual(await readCounts(documents), { ...zeroCounts, events: 1, running: 1 });
    });

    testCase(
      "batch() puts a document whether there is one or not, and changes its etag",
      async (documents) => {
        await documents.batch("flow", [{ kind: "put", document: makeLog(1) }]);
        const { etag } = await readLog(documents, 1);
        await documents.batch("flow", [{ kind: "put", document: makeLog(1, { endedAt: 9 }) }]);
        const after = await readLog(documents, 1);
        assert.equal(after.document.endedAt, 9);
        assert.notEqual(after.etag, etag);
      },
    );

    testCase("batch() of nothing writes nothing", async (documents) => {
      await documents.batch("flow", []);
      assert.deepEqual(await documents.flows(), { items: [] });
    });

    for (const [title, makeOperation] of Object.entries(failing)) {
      testCase(`batch() with a ${title} is a conflict and writes nothing`, async (documents) => {
        for (const attempt of [1, 2, 3]) await documents.create(makeLog(attempt));
        const { etag: staleEtag } = await readLog(documents, 1);
        await documents.replace(makeLog(1), staleEtag);
        await documents.batch("flow", [beginning]);
        const readAll = async () => [
          await documents.query("flow", "log"),
          await documents.query("flow", "flow"),
        ];
        const before = await readAll();
        const [first, second, third] = [
          await readLog(documents, 1),
          await readLog(documents, 2),
          await readLog(documents, 3),
        ];
        const fine: Operation[] = [
          { kind: "create", document: makeLog(4) },
          { kind: "put", document: makeLog(5) },
          { kind: "replace", document: makeLog(2, { endedAt: 9 }), etag: second.etag },
          { kind: "remove", id: third.document.id, etag: third.etag },
          beginning,
        ];
        const bad = makeOperation(first, staleEtag);
        await assert.rejects(documents.batch("flow", [...fine, bad]), { code: "conflict" });
        await assert.rejects(documents.batch("flow", [bad, ...fine]), { code: "conflict" });
        assert.deepEqual(await readAll(), before);
        await documents.batch("flow", fine);
      });
    }

    testCase(
      "batch() takes as many operations as the limit says, one more writes nothing",
      async (documents) => {
        const { operations: most } = documents.limits;
        const puts = Array.from(
          { length: most + 1 },
          (_, attempt): Operation => ({ kind: "put", document: makeLog(attempt) }),
        );
        await assert.rejects(documents.batch("flow", puts), { code: "limit" });
        assert.equal(await hasLog(documents, 0), false);
        await documents.batch("flow", puts.slice(0, most));
        assert.equal(await hasLog(documents, most - 1), true);
      },
    );

    testCase("batch() and create() refuse more bytes than the limit says", async (documents) => {
      // Three bytes a character: the limit counts bytes.
      const large = makeInsight("x", 1, { insight: { text: "€".repeat(documents.limits.bytes / 3) } });
      const put: Operation = { kind: "put", document: makeLog(1) };
      await assert.rejects(documents.create(large), { code: "limit" });
      await assert.rejects(documents.batch("flow", [put, { kind: "put", document: large }]), {
        code: "limit",
      });
      assert.equal(await documents.find("insight", "flow", large.id), undefined);
      assert.equal(await hasLog(documents, 1), false);
      const half = makeInsight("x", 1, { insight: { text: "€".repeat(documents.limits.bytes / 6) } });
      await documents.create(half);
    });
  });

  describe(`${name} as Documents: counts`, () => {
    testCase("a count makes the document, then adds", async (documents) => {
      await documents.batch("flow", [beginning]);
      await documents.batch("flow", [{ kind: "count", shard: 0, add: { running: -1, succeeded: 1 } }]);
      await documents.batch("flow", [{ kind: "count", shard: 0, add: {} }]);
      assert.deepEqual(await documents.find("flow", "flow", "flow").then((stored) => stored?.document), {
        kind: "flow",
        id: "flow",
        flow: "flow",
        counts: { ...zeroCounts, events: 1, succeeded: 1 },
      });
    });

    testCase("counts at once all add", async (documents) => {
      await Promise.all(Array.from({ length: 100 }, () => documents.batch("flow", [beginning, beginning])));
      assert.deepEqual(await readCounts(documents), { ...zeroCounts, events: 200, running: 200 });
    });

    testCase("each shard is a document of its own", async (documents) => {
      await documents.batch("flow", [beginning, { kind: "count", shard: 3, add: { failed: 1 } }]);
      assert.deepEqual(await readCounts(documents), { ...zeroCounts, events: 1, running: 1 });
      assert.deepEqual(await readCounts(documents, 3), { ...zeroCounts, failed: 1 });
    });

    testCase("a count sets due when given, and leaves it when not", async (documents) => {
      await documents.batch("flow", [{ ...beginning, due: 7 }]);
      await documents.batch("flow", [beginning]);
      const [due] = await documents.due(7, 9);
      assert.equal(due?.document.due, 7);
      await documents.batch("flow", [{ ...beginning, due: 9 }]);
      assert.deepEqual(await documents.due(8, 9), []);
    });

    testCase(
      "a count changes the etag, so a stale replace of the counts is a conflict",
      async (documents) => {
        await documents.batch("flow", [beginning]);
        const stored = await documents.find("flow", "flow", documentId.flow());
        assert.ok(stored);
        await documents.batch("flow", [beginning]);
        await assert.rejects(documents.replace(stored.document, stored.etag), { code: "conflict" });
      },
    );
  });

  describe(`${name} as Documents: restart`, () => {
    restartCase("everything outlives a restart, etags too", async (documents, { reopen }) => {
      await documents.batch("b", [beginning]);
      await documents.batch("flow", [
        { ...beginning, due: 3 },
        { kind: "create", document: makeLog(1) },
      ]);
      await documents.create(makeInsight("x", 1));
      const before = await readLog(documents, 1);
      const again = await reopen?.();
      assert.ok(again);
      assert.deepEqual(await readLog(again, 1), before);
      assert.deepEqual(await readCounts(again), { ...zeroCounts, events: 1, running: 1 });
      assert.deepEqual((await again.insights({ module: "faces" })).items, [makeInsight("x", 1)]);
      assert.equal((await again.due(3, 9)).length, 1);
      assert.deepEqual((await again.flows()).items, ["flow", "b"]);
      await again.replace(makeLog(1, { endedAt: 9 }), before.etag);
      await assert.rejects(again.create(makeLog(1)), { code: "conflict" });
    });
  });

  listingsSuite(name, make);
  watchSuite(name, make);
  publishingSuite(name, make);
}
