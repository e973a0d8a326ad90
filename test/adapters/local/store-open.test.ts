import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openStore } from "../../../runtime/adapters/local/store/store.ts";

describe("openStore()", { timeout: 20_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "ion-store-"));
  let file = "";
  let count = 0;
  beforeEach(() => {
    count += 1;
    file = join(folder, `${count}.db`);
  });
  after(() => rmSync(folder, { recursive: true }));

  const another = (name: string) => ({
    name: "IonError",
    code: "conflict",
    message: `cannot open '${name}': another Ion runs on this data folder; stop it, or name another folder with --data`,
  });

  test("refuses a file that this process has open, until it's closed", async () => {
    const store = await openStore(file);
    await assert.rejects(openStore(file), another(file));
    await store.close();
    await (await openStore(file)).close();
  });

  test("refuses a file that another process has open", async () => {
    const store = await openStore(file);
    const program = fileURLToPath(new URL("./open-store.ts", import.meta.url));
    const output = execFileSync(process.execPath, [program, file]);
    const { code, message } = another(file);
    assert.deepEqual(JSON.parse(output.toString()), { code, message });
    await store.close();
  });

  test("refuses a schema of another version and leaves the file as it is", async () => {
    await (await openStore(file)).close();
    const database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 99");
    database.close();
    await assert.rejects(openStore(file), { name: "IonError", code: "invalid", message: /schema 99/ });
    const again = new DatabaseSync(file);
    assert.equal(again.prepare("PRAGMA user_version").get()?.user_version, 99);
    again.close();
  });

  test("refuses a file in a folder that isn't there", async () => {
    const lost = join(folder, "lost", "ion.db");
    await assert.rejects(openStore(lost), { name: "IonError", code: "unavailable", message: /cannot open/ });
  });

  test("close() waits for what was called before it, and can be repeated", async () => {
    const store = await openStore(file);
    const topics = [{ type: "made", subscriptions: [] }];
    const ensured = store.call("ensure", { topics });
    await Promise.all([store.close(), store.close()]);
    assert.equal((await ensured)[0]?.type, "made");
    await store.close();
  });

  test("call() after close() is unavailable, and so is a receiver that waited", async () => {
    const store = await openStore(file);
    const waiting = store.call("receive", { queue: 1, most: 1, receiver: 1 });
    const refused = assert.rejects(waiting, { name: "IonError", code: "unavailable" });
    await store.close();
    await refused;
    await assert.rejects(store.call("flows", { size: 1, after: null }), { code: "unavailable" });
  });
});
