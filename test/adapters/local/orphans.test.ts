import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { endOrphans } from "../../../runtime/adapters/local/orphans.ts";

const folder = mkdtempSync(join(tmpdir(), "ion-orphans-"));
after(() => rmSync(folder, { recursive: true, force: true }));

describe("endOrphans()", () => {
  test("ends processes of an earlier runtime, removes their workspaces, and nothing else", async () => {
    const data = join(folder, "crashed");
    const workspace = join(data, "work", "x", "a1");
    mkdirSync(workspace, { recursive: true });
    writeFileSync(join(workspace, "half"), "");
    const start = (ION_DIR: string) =>
      spawn("sh", ["-c", "trap '' TERM; sleep 600 & echo ready; wait"], {
        detached: true,
        env: { PATH: process.env.PATH, ION_DIR },
        stdio: ["ignore", "pipe", "ignore"],
      });
    const [orphan, bystander] = [start(workspace), start(join(folder, "other", "work", "x"))];
    await Promise.all([once(orphan.stdout, "data"), once(bystander.stdout, "data")]);
    const ended = once(orphan, "exit");
    assert.equal(await endOrphans(data), 2);
    await ended;
    assert.equal(existsSync(join(data, "work")), false);
    assert.equal(bystander.exitCode, null);
    assert.equal(await endOrphans(data), 0);
    assert.equal(await endOrphans(join(folder, "other")), 2);
  });
});
