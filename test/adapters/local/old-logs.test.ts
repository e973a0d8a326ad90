import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { removeOldLogs } from "../../../runtime/adapters/local/old-logs.ts";

test("removeOldLogs() removes what was last written before the time, and nothing else", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "ion-logs-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "logs", "0a"), { recursive: true });
  const old = join(folder, "logs", "0a", "old.log");
  const recent = join(folder, "logs", "0a", "recent.log");
  for (const file of [old, recent]) writeFileSync(file, "a line\n");
  utimesSync(old, 1_000, 1_000);
  assert.equal(removeOldLogs(folder, 2_000_000), 1);
  assert.ok(!existsSync(old));
  assert.ok(existsSync(recent));
});

test("removeOldLogs() finds nothing in a folder where nothing ran", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "ion-logs-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  assert.equal(removeOldLogs(folder, Date.now()), 0);
});
