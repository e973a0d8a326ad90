import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { localBus } from "../../runtime/adapters/local/bus.ts";
import { localDocuments } from "../../runtime/adapters/local/documents.ts";
import { openStore } from "../../runtime/adapters/local/store/store.ts";
import { memoryDocuments } from "../../runtime/adapters/memory/documents.ts";
import { hasLog, type MadeDocuments, makeLog } from "./documents-fixture.ts";
import { documentsSuite } from "./documents-suite.ts";

async function makeLocal(publishes: boolean): Promise<MadeDocuments> {
  const folder = mkdtempSync(join(tmpdir(), "ion-documents-"));
  let store = await openStore(join(folder, "ion.db"));
  const bus = localBus({ store });
  return {
    port: localDocuments({ store, ...(publishes && { bus }) }),
    ...(publishes && { bus }),
    reopen: async () => {
      await store.close();
      store = await openStore(join(folder, "ion.db"));
      return localDocuments({ store });
    },
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

documentsSuite("memoryDocuments()", () => ({ port: memoryDocuments(), close: async () => {} }));
documentsSuite("localDocuments() with a bus", () => makeLocal(true));
documentsSuite("localDocuments() without a bus", () => makeLocal(false));

test("memoryDocuments() keeps to the limits it's given", async () => {
  const documents = memoryDocuments({ limits: { operations: 2, bytes: 1000 } });
  const put = (attempt: number) => ({ kind: "put", document: makeLog(attempt) }) as const;
  await assert.rejects(documents.batch("flow", [put(1), put(2), put(3)]), { code: "limit" });
  const large = makeLog(1, { executionId: "x".repeat(1000) });
  await assert.rejects(documents.create(large), { code: "limit" });
  assert.equal(await hasLog(documents, 1), false);
});
