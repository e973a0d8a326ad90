import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { localBus } from "../../../runtime/adapters/local/bus.ts";
import { localDocuments } from "../../../runtime/adapters/local/documents.ts";
import { type Database, openDatabase } from "../../../runtime/adapters/local/store/database.ts";
import { storeEngine } from "../../../runtime/adapters/local/store/engine.ts";
import { makeEvents, subscriptionOf, topicOf } from "../../ports/bus-fixture.ts";
import { hasLog, makeLog } from "../../ports/documents-fixture.ts";
import { type EngineStore, engineStore } from "./engine-store.ts";

/** Runs a group: all the calls made by `call`. */
async function group<Result>(store: EngineStore, call: () => Result): Promise<Awaited<Result>> {
  const result = call();
  store.flush();
  return await result;
}

describe("the store's group commit", { timeout: 20_000 }, () => {
  let folder = "";
  let database: Database;
  let store: EngineStore;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ion-group-"));
    database = openDatabase(join(folder, "ion.db"));
    store = engineStore(database);
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  test("runs all that wait as one transaction and answers after COMMIT", () => {
    const order: string[] = [];
    const run: Database["run"] = (sql, ...values) => {
      order.push(sql);
      database.run(sql, ...values);
    };
    const engine = storeEngine({
      database: { ...database, run },
      now: Date.now,
      send: (replies) => void order.push(`answers ${replies.map(({ id }) => id).join()}`),
    });
    const topics = [topicOf("made", "a")];
    engine.handle([1, 2, 3].map((id) => ({ id, name: "ensure", arguments: { topics } })));
    assert.equal(order[0], "BEGIN IMMEDIATE");
    assert.deepEqual(order.slice(-2), ["COMMIT", "answers 1,2,3"]);
    assert.equal(order.filter((entry) => entry === "COMMIT").length, 1);
  });

  test("one write's conflict leaves the others' writes", async () => {
    const documents = localDocuments({ store });
    const results = await group(store, () =>
      Promise.allSettled([1, 1, 2].map((attempt) => documents.create(makeLog(attempt)))),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.equal(await group(store, () => hasLog(documents, 2)), true);
  });

  /** Lets the file grow no more, as a full disk would. */
  function fillDisk(): void {
    const pages = database.get<{ page_count: number }>("PRAGMA page_count")?.page_count ?? 0;
    database.get(`PRAGMA max_page_count = ${pages}`);
  }
  const freeDisk = () => database.get("PRAGMA max_page_count = 1000000");
  const large = makeLog(2, { executionId: "x".repeat(100_000) });

  test("a full disk fails all of the group as unavailable, leaves nothing half, and the store goes on", async () => {
    const bus = localBus({ store });
    const documents = localDocuments({ store, bus });
    await group(store, () => bus.ensure([topicOf("made", "a")]));
    fillDisk();
    const results = await group(store, () =>
      Promise.allSettled([
        documents.create(makeLog(1)),
        documents.batch("flow", [{ kind: "create", document: large }], makeEvents("1")),
        bus.publish(makeEvents("2")),
      ]),
    );
    for (const result of results) {
      assert.equal(result.status, "rejected");
      assert.ok(result.reason instanceof Error && "code" in result.reason);
      assert.equal(result.reason.code, "unavailable");
      assert.match(result.reason.message, /free some space/);
    }
    const depth = () => group(store, () => bus.depth(subscriptionOf("a")));
    assert.equal(await group(store, () => hasLog(documents, 1)), false);
    assert.equal((await depth()).waiting, 0);
    freeDisk();
    await group(store, () => documents.batch("flow", [{ kind: "create", document: large }], makeEvents("1")));
    await group(store, () => bus.publish(makeEvents("2")));
    assert.equal((await depth()).waiting, 2);
  });

  test("a settlement that a full disk refused can be made again", async () => {
    const bus = localBus({ store });
    const documents = localDocuments({ store });
    await group(store, () => bus.ensure([topicOf("made", "a")]));
    await group(store, () => bus.publish(makeEvents("1")));
    const { signal } = new AbortController();
    const deliveries = bus.consume(subscriptionOf("a"), { credit: () => 1, signal })[Symbol.asyncIterator]();
    const { value: delivery } = await group(store, () => deliveries.next());
    fillDisk();
    const results = await group(store, () =>
      Promise.allSettled([delivery?.complete(), documents.create(large)]),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    assert.equal((await group(store, () => bus.depth(subscriptionOf("a")))).locked, 1);
    freeDisk();
    await group(store, () => delivery?.complete());
    assert.equal((await group(store, () => bus.depth(subscriptionOf("a")))).locked, 0);
  });
});
