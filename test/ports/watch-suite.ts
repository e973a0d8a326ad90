import assert from "node:assert/strict";
import { describe } from "node:test";
import type { Documents } from "../../runtime/ports/documents.ts";
import { beginning, documentsCase, type MakeDocuments, makeLog, readLog } from "./documents-fixture.ts";

function watchFlow(documents: Documents, flow = "flow") {
  const controller = new AbortController();
  const changes = documents.watch(flow, controller.signal)[Symbol.asyncIterator]();
  return {
    /** Whether there was another item: false once the iteration has ended. */
    next: async () => (await changes.next()).done !== true,
    stop: () => controller.abort(),
  };
}

const writes: Record<string, (documents: Documents) => Promise<void>> = {
  create: (documents) => documents.create(makeLog(2)),
  replace: async (documents) =>
    documents.replace(makeLog(1, { endedAt: 9 }), (await readLog(documents, 1)).etag),
  batch: (documents) => documents.batch("flow", [beginning]),
  removeFlow: (documents) => documents.removeFlow("flow"),
};

/** How every store of documents must tell of what changes. */
export function watchSuite(name: string, make: MakeDocuments): void {
  const testCase = documentsCase(make);

  describe(`${name} as Documents: watch`, () => {
    for (const [title, write] of Object.entries(writes)) {
      testCase(`watch() tells of a ${title}()`, async (documents) => {
        await documents.create(makeLog(1));
        const watch = watchFlow(documents);
        const next = watch.next();
        await write(documents);
        assert.equal(await next, true);
        watch.stop();
      });
    }

    testCase("watch() tells of a write that came before the first item was asked for", async (documents) => {
      const watch = watchFlow(documents);
      await documents.create(makeLog(1));
      assert.equal(await watch.next(), true);
      watch.stop();
    });

    testCase("watch() tells of a write that came while an item was looked at", async (documents) => {
      const watch = watchFlow(documents);
      await documents.create(makeLog(1));
      assert.equal(await watch.next(), true);
      await documents.create(makeLog(2));
      assert.equal(await watch.next(), true);
      watch.stop();
    });

    testCase("watch() may tell of several writes at once", async (documents) => {
      const watch = watchFlow(documents);
      for (const attempt of [1, 2, 3]) await documents.create(makeLog(attempt));
      assert.equal(await watch.next(), true);
      watch.stop();
      let more = 0;
      while (await watch.next()) more += 1;
      assert.ok(more <= 2);
    });

    testCase("watch() says nothing of other flows and of writes that failed", async (documents) => {
      await documents.create(makeLog(1));
      const watch = watchFlow(documents);
      const next = watch.next();
      await documents.create(makeLog(1, { flow: "other" }));
      await assert.rejects(documents.create(makeLog(1)), { code: "conflict" });
      watch.stop();
      assert.equal(await next, false);
    });

    testCase("watch() tells everyone who watches", async (documents) => {
      const watches = [watchFlow(documents), watchFlow(documents)];
      const items = watches.map((watch) => watch.next());
      await documents.create(makeLog(1));
      assert.deepEqual(await Promise.all(items), [true, true]);
      watches[0]?.stop();
      await documents.create(makeLog(2));
      assert.equal(await watches[0]?.next(), false);
      assert.equal(await watches[1]?.next(), true);
      watches[1]?.stop();
    });

    testCase("watch() ends with its signal", async (documents) => {
      const watch = watchFlow(documents);
      const next = watch.next();
      watch.stop();
      assert.equal(await next, false);
      const changes = documents.watch("flow", AbortSignal.abort())[Symbol.asyncIterator]();
      assert.equal((await changes.next()).done, true);
    });

    testCase("watch() can be left", async (documents) => {
      const { signal } = new AbortController();
      const changes = documents.watch("flow", signal);
      await documents.create(makeLog(1));
      let items = 0;
      for await (const _ of changes) {
        items += 1;
        break;
      }
      assert.equal(items, 1);
    });
  });
}
