import assert from "node:assert/strict";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, describe, test } from "node:test";
import { localBlobs } from "../../runtime/adapters/local/blobs.ts";
import { memoryBlobs } from "../../runtime/adapters/memory/blobs.ts";
import { minutes } from "../../runtime/contract/duration.ts";
import { blobsSuite } from "./blobs-suite.ts";

blobsSuite("memoryBlobs()", () => memoryBlobs());
blobsSuite("localBlobs()", (folder) => localBlobs({ folder }));

describe("localBlobs()", () => {
  const folder = mkdtempSync(join(tmpdir(), "ion-blobs-"));
  after(() => rmSync(folder, { recursive: true }));

  test("removes what a crash left half-written", () => {
    const store = join(folder, "crashed");
    mkdirSync(join(store, "blobs-tmp"), { recursive: true });
    writeFileSync(join(store, "blobs-tmp", "half"), "ha");
    localBlobs({ folder: store });
    assert.deepEqual(readdirSync(join(store, "blobs-tmp")), []);
  });

  test("takes a file away without copying it", async () => {
    const store = join(folder, "taken");
    const blobs = localBlobs({ folder: store });
    const source = join(store, "source");
    writeFileSync(source, "bytes", { mode: 0o600 });
    const { ino } = statSync(source);
    await blobs.put("a/b", { file: source });
    const stored = statSync(join(store, "blobs/a/b"));
    assert.equal(stored.ino, ino);
    assert.equal(stored.mode & 0o777, 0o644);
    assert.deepEqual(readdirSync(store), ["blobs", "blobs-tmp"]);
  });

  test("copies a file that has another name, under which it could still be changed", async () => {
    const store = join(folder, "shared");
    const blobs = localBlobs({ folder: store });
    const [source, other] = [join(store, "source"), join(store, "other")];
    writeFileSync(source, "bytes");
    linkSync(source, other);
    await blobs.put("a", { file: source });
    writeFileSync(other, "changed");
    assert.equal(readFileSync(join(store, "blobs/a"), "utf8"), "bytes");
    assert.deepEqual(readdirSync(store), ["blobs", "blobs-tmp", "other"]);
  });

  test("remove() leaves no empty folder", async () => {
    const store = join(folder, "removed");
    const blobs = localBlobs({ folder: store });
    await blobs.put("a/b/c", Readable.from(["x"]));
    await blobs.put("a/d", Readable.from(["x"]));
    await blobs.remove("a/b/c");
    assert.deepEqual(readdirSync(join(store, "blobs/a")), ["d"]);
    await blobs.remove("a/d");
    assert.deepEqual(readdirSync(join(store, "blobs")), []);
  });

  test("a name can't be a blob and a folder", async () => {
    const blobs = localBlobs({ folder: join(folder, "names") });
    await blobs.put("a", Readable.from(["x"]));
    await assert.rejects(blobs.put("a/b", Readable.from(["x"])), { code: "conflict" });
    await blobs.put("c/d", Readable.from(["x"]));
    await assert.rejects(blobs.put("c", Readable.from(["x"])), { code: "conflict" });
  });

  test("link() is the file's address", async () => {
    const blobs = localBlobs({ folder: join(folder, "linked") });
    await blobs.put("a", Readable.from(["x"]));
    assert.equal(readFileSync(await blobs.link("a", minutes(1)), "utf8"), "x");
  });
});
