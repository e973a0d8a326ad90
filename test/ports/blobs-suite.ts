import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { minutes } from "../../runtime/contract/duration.ts";
import { type ErrorCode, hasCode } from "../../runtime/contract/errors.ts";
import type { Blobs } from "../../runtime/ports/blobs.ts";

const mebibyte = 2 ** 20;

const textOf = async (stream: Readable): Promise<string> => (await buffer(stream)).toString();
const textSource = (text: string): Readable => Readable.from([Buffer.from(text)], { objectMode: false });
const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");
const withCode = (code: ErrorCode) => ({ name: "IonError", code });

async function pathsBelow(blobs: Blobs, prefix: string): Promise<string[]> {
  return (await Array.fromAsync(blobs.list(prefix))).map(({ path }) => path);
}

/** What every store of blobs must do; each case uses a folder of blobs of its own. */
export function blobsSuite(name: string, makeBlobs: (folder: string) => Promise<Blobs> | Blobs): void {
  describe(`${name} as Blobs`, () => {
    let folder = "";
    let blobs: Blobs;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "ion-blobs-"));
      blobs = await makeBlobs(join(folder, "store"));
    });
    after(() => rm(folder, { recursive: true, force: true }));

    const file = async (fileName: string, content: string | Uint8Array): Promise<string> => {
      const path = join(folder, fileName);
      await writeFile(path, content);
      return path;
    };

    test("put() stores a stream and says its bytes and hash", async () => {
      const stored = await blobs.put("stream/a.txt", textSource("hello"));
      assert.deepEqual(stored, { path: "stream/a.txt", bytes: 5, sha256: sha256("hello") });
      assert.equal(await textOf(await blobs.get("stream/a.txt")), "hello");
    });

    for (const bytes of [0, 1, 256 * 1024, 256 * 1024 + 1, 3 * mebibyte + 7]) {
      test(`put() stores a file of ${bytes} bytes`, async () => {
        const content = Buffer.alloc(bytes, "0123456789");
        const path = `file/${bytes}`;
        const stored = await blobs.put(path, { file: await file(`source-${bytes}`, content) });
        assert.deepEqual(stored, { path, bytes, sha256: sha256(content) });
        assert.ok(content.equals(await buffer(await blobs.get(path))));
      });
    }

    test("put() hashes a stream of 10 MiB on the way", async () => {
      const chunk = Buffer.alloc(mebibyte, "ion");
      const stored = await blobs.put("big", Readable.from(Array.from({ length: 10 }, () => chunk)));
      assert.equal(stored.bytes, 10 * mebibyte);
      assert.equal(stored.sha256, sha256(Buffer.alloc(10 * mebibyte, chunk)));
    });

    test("put() stores an empty stream", async () => {
      assert.equal((await blobs.put("empty", Readable.from([]))).bytes, 0);
      assert.equal(await textOf(await blobs.get("empty")), "");
    });

    test("put() never changes a blob", async () => {
      await blobs.put("once", textSource("first"));
      const source = textSource("second");
      await assert.rejects(blobs.put("once", source), withCode("conflict"));
      const taken = await file("third", "third");
      await assert.rejects(blobs.put("once", { file: taken }), withCode("conflict"));
      assert.equal(await textOf(await blobs.get("once")), "first");
      assert.ok(source.destroyed, "a source that isn't read is let go");
      assert.equal(await readFile(taken, "utf8"), "third", "a file that isn't stored stays");
    });

    test("put() lets one of several writers win", async () => {
      const texts = ["one", "two", "three", "four"];
      const puts = await Promise.allSettled(texts.map((text) => blobs.put("race", textSource(text))));
      const winners = texts.filter((_, index) => puts[index]?.status === "fulfilled");
      assert.equal(winners.length, 1);
      assert.equal(await textOf(await blobs.get("race")), winners[0]);
      for (const put of puts) {
        if (put.status === "rejected") assert.ok(hasCode(put.reason, "conflict"), String(put.reason));
      }
    });

    test("put() refuses a source with more than maxBytes and leaves nothing", async () => {
      await assert.rejects(blobs.put("much/a", textSource("12345"), { maxBytes: 4 }), withCode("limit"));
      const large = await file("large", "12345");
      await assert.rejects(blobs.put("much/a", { file: large }, { maxBytes: 4 }), withCode("limit"));
      assert.deepEqual(await pathsBelow(blobs, "much"), []);
      await blobs.put("much/a", textSource("1234"), { maxBytes: 4 });
    });

    test("put() leaves nothing of a source that breaks off", async () => {
      const broken = Readable.from(
        (async function* () {
          yield Buffer.from("half");
          throw new Error("the line is dead");
        })(),
      );
      await assert.rejects(blobs.put("broken/a", broken), withCode("unavailable"));
      const closed = new Readable({ read() {} });
      closed.push("half");
      const put = blobs.put("broken/b", closed);
      closed.destroy();
      await assert.rejects(put, withCode("unavailable"));
      assert.deepEqual(await pathsBelow(blobs, "broken"), []);
    });

    test("put() leaves nothing when it is aborted", async () => {
      const endless = new Readable({ read() {} });
      endless.push("half");
      const controller = new AbortController();
      const put = blobs.put("aborted/a", endless, { signal: controller.signal });
      controller.abort();
      await assert.rejects(put, withCode("unavailable"));
      assert.ok(endless.destroyed);
      const late = await file("late", "late");
      await assert.rejects(
        blobs.put("aborted/b", { file: late }, { signal: controller.signal }),
        withCode("unavailable"),
      );
      assert.deepEqual(await pathsBelow(blobs, "aborted"), []);
    });

    test("put() takes nothing but regular files", async () => {
      const link = join(folder, "symbolic");
      await symlink(await file("pointed-at", "secret"), link);
      await assert.rejects(blobs.put("special/link", { file: link }), withCode("invalid"));
      await assert.rejects(blobs.put("special/folder", { file: folder }), withCode("invalid"));
      await assert.rejects(blobs.put("special/none", { file: join(folder, "none") }), withCode("not-found"));
      assert.deepEqual(await pathsBelow(blobs, "special"), []);
    });

    for (const path of [
      "",
      "/a",
      "a/",
      "a//b",
      "./a",
      "a/../b",
      "..",
      "a\\b",
      "a\0b",
      "a\nb",
      "a".repeat(1025),
      "\ud800",
    ]) {
      test(`put() refuses the path ${JSON.stringify(path.slice(0, 12))}`, async () => {
        const source = textSource("x");
        await assert.rejects(blobs.put(path, source), withCode("invalid"));
        assert.ok(source.destroyed);
      });
    }

    test("paths may be of any script and folders nested", async () => {
      const paths = ["スタジオ/фильм.mov", "a b/ü (1)%20.txt", "x/y/z/w/v", "x/y-z/w"];
      for (const path of paths) await blobs.put(`paths/${path}`, textSource(path));
      for (const path of paths) assert.equal(await textOf(await blobs.get(`paths/${path}`)), path);
      assert.deepEqual(await pathsBelow(blobs, "paths"), paths.map((path) => `paths/${path}`).toSorted());
    });

    test("get() reads a range, both ends included, cut at the blob's end", async () => {
      await blobs.put("range", textSource("0123456789"));
      const read = async (start: number, end: number) => textOf(await blobs.get("range", { start, end }));
      assert.equal(await read(0, 0), "0");
      assert.equal(await read(3, 6), "3456");
      assert.equal(await read(8, 99), "89");
      for (const [start, end] of [
        [-1, 2],
        [4, 3],
        [10, 12],
        [0.5, 2],
      ] as const) {
        await assert.rejects(blobs.get("range", { start, end }), withCode("invalid"));
      }
    });

    test("get(), download() and link() don't find what is not there", async () => {
      await blobs.put("there/a", textSource("a"));
      for (const path of ["nowhere", "there", "there/b", "there/a/b"]) {
        await assert.rejects(blobs.get(path), withCode("not-found"));
        await assert.rejects(blobs.download(path, join(folder, "never")), withCode("not-found"));
        await assert.rejects(blobs.link(path, minutes(1)), withCode("not-found"));
      }
      assert.equal(existsSync(join(folder, "never")), false);
    });

    test("download() brings a blob to a file of its own", async () => {
      for (const bytes of [0, 5, 2 * mebibyte]) {
        const content = Buffer.alloc(bytes, "ion");
        await blobs.put(`download/${bytes}`, Readable.from([content]));
        const target = join(folder, `downloaded-${bytes}`);
        await blobs.download(`download/${bytes}`, target);
        await writeFile(target, "the module writes to its input");
        assert.ok(content.equals(await buffer(await blobs.get(`download/${bytes}`))));
      }
    });

    test("download() writes over nothing and nothing when aborted", async () => {
      await blobs.put("download/kept", textSource("blob"));
      const kept = await file("kept", "mine");
      await assert.rejects(blobs.download("download/kept", kept), withCode("conflict"));
      assert.equal(await readFile(kept, "utf8"), "mine");
      const target = join(folder, "aborted-download");
      await assert.rejects(
        blobs.download("download/kept", target, AbortSignal.abort()),
        withCode("unavailable"),
      );
      assert.equal(existsSync(target), false);
    });

    test("list() gives whole folders of a prefix, in the order of their paths", async () => {
      const paths = ["ab/1", "a/x", "a/b/x", "a.b", "a/b.x", "b/x"];
      for (const path of paths) await blobs.put(`list/${path}`, textSource(path));
      assert.deepEqual(await pathsBelow(blobs, "list/a"), ["list/a/b.x", "list/a/b/x", "list/a/x"]);
      assert.deepEqual(await pathsBelow(blobs, "list"), paths.map((path) => `list/${path}`).toSorted());
      assert.deepEqual(await pathsBelow(blobs, "list/a/x"), ["list/a/x"]);
      assert.deepEqual(await pathsBelow(blobs, "list/none"), []);
      const [first] = await Array.fromAsync(blobs.list("list/a/x"));
      assert.equal(first?.bytes, 3);
    });

    test("remove() takes a prefix away, and may be repeated", async () => {
      for (const path of ["a/1", "a/b/2", "ab/3"]) await blobs.put(`remove/${path}`, textSource(path));
      await blobs.remove("remove/a");
      await blobs.remove("remove/a");
      await blobs.remove("remove/never/was");
      assert.deepEqual(await pathsBelow(blobs, "remove"), ["remove/ab/3"]);
      await blobs.put("remove/a", textSource("now a blob"));
      await assert.rejects(blobs.remove(""), withCode("invalid"));
    });

    test("put() and remove() of one folder don't hinder each other", async () => {
      const puts = Array.from({ length: 50 }, (_, index) =>
        blobs.put(`busy/${index % 5}/${index}`, textSource("x")),
      );
      const removes = Array.from({ length: 5 }, (_, index) => blobs.remove(`busy/${index}`));
      const done = await Promise.allSettled([...puts, ...removes]);
      assert.deepEqual(
        done.filter(({ status }) => status === "rejected"),
        [],
      );
    });

    test("link() gives an address", async () => {
      await blobs.put("link/ä b.txt", textSource("x"));
      const link = await blobs.link("link/ä b.txt", minutes(5));
      assert.ok(link.href.includes("link/%C3%A4%20b.txt"), link.href);
    });
  });
}
