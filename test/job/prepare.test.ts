import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type ErrorCode, IonError } from "../../runtime/contract/errors.ts";
import type { Blobs } from "../../runtime/ports/blobs.ts";
import { makeEvent, makeHouse } from "./house.ts";

async function refuses(promise: Promise<void>, code: ErrorCode, words: string): Promise<void> {
  await assert.rejects(promise, (thrown) => {
    assert.ok(thrown instanceof IonError, String(thrown));
    assert.ok(thrown.message.includes(words), `'${thrown.message}' doesn't say '${words}'`);
    assert.equal(thrown.code, code);
    return true;
  });
}

describe("prepareWorkspace() makes", () => {
  it("every folder, and the event in both forms", async () => {
    using house = makeHouse();
    const event = makeEvent({ data: { url: "x", count: 2, list: [1] } });
    await house.prepare(event);
    assert.deepEqual(
      new Set(readdirSync(house.workspace, { recursive: true, encoding: "utf8" })),
      new Set(["in", "in/data", "in/event.json", "in/eventmeta.json", "out", "out/data", "out/events"]),
    );
    assert.deepEqual(house.read("in/event.json"), event);
    assert.deepEqual(house.read("in/eventmeta.json"), [
      { key: "url", value: "x" },
      { key: "count", value: "2" },
      { key: "list", value: "[1]" },
    ]);
  });

  it("an empty list where the event has no data", async () => {
    using house = makeHouse();
    await house.prepare(makeEvent({ data: {} }));
    assert.deepEqual(house.read("in/eventmeta.json"), []);
  });

  it("a new workspace in the place of a left-over one", async () => {
    using house = makeHouse();
    await house.prepare(makeEvent());
    writeFileSync(join(house.workspace, "out/data/left-over"), "1");
    await house.prepare(makeEvent());
    assert.deepEqual(readdirSync(join(house.workspace, "out/data")), []);
  });

  it("any event as it was", async () => {
    using house = makeHouse();
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (data) => {
        const event = makeEvent({ data: JSON.parse(JSON.stringify(data)) });
        await house.prepare(event);
        assert.equal(readFileSync(join(house.workspace, "in/event.json"), "utf8"), JSON.stringify(event));
        assert.ok(Array.isArray(house.read("in/eventmeta.json")));
      }),
    );
  });
});

describe("prepareWorkspace() brings", () => {
  it("files with their folders, and says where they are", async () => {
    using house = makeHouse();
    const files = [await house.putFile("a.txt", "1"), await house.putFile("b/c/a.txt", "22")];
    const event = makeEvent({ data: {}, files: 2 });
    await house.putEvent(event, files);
    await house.prepare(event);
    const folder = join(house.workspace, "in/data");
    assert.equal(readFileSync(join(folder, "a.txt"), "utf8"), "1");
    assert.equal(readFileSync(join(folder, "b/c/a.txt"), "utf8"), "22");
    assert.deepEqual(house.read("in/eventmeta.json"), [
      { key: "a.txt", value: join(folder, "a.txt") },
      { key: "b/c/a.txt", value: join(folder, "b/c/a.txt") },
    ]);
  });

  it("at most four files at a time", async () => {
    using house = makeHouse();
    const paths = Array.from({ length: 20 }, (_, index) => `${index % 3}/${index}`);
    const files = await Promise.all(paths.map((path) => house.putFile(path, path)));
    const event = makeEvent({ files: files.length });
    await house.putEvent(event, files);
    let [now, most] = [0, 0];
    const download: Blobs["download"] = async (...parameters) => {
      now += 1;
      most = Math.max(most, now);
      await house.blobs.download(...parameters);
      now -= 1;
    };
    await house.prepare(event, { blobs: { ...house.blobs, download } });
    assert.equal(most, 4);
    for (const path of paths)
      assert.equal(readFileSync(join(house.workspace, "in/data", path), "utf8"), path);
  });
});

describe("prepareWorkspace() refuses", () => {
  it("an event with files whose document is gone", async () => {
    using house = makeHouse();
    const event = makeEvent({ files: 2 });
    await refuses(house.prepare(event), "not-found", `can't bring the 2 files of event '${event.id}': flow`);
  });

  it("an event whose document lists another number of files", async () => {
    using house = makeHouse();
    const event = makeEvent({ files: 2 });
    await house.putEvent(event, [await house.putFile("a", "1")]);
    await refuses(house.prepare(event), "invalid", "says it has 2 files, but its document lists 1");
  });

  it("a blob that is gone, once nothing is being written any more", async () => {
    using house = makeHouse();
    const files = [await house.putFile("a", "1"), { ...(await house.putFile("b", "1")), blob: "blobs/gone" }];
    const event = makeEvent({ files: 2 });
    await house.putEvent(event, files);
    const ended: string[] = [];
    const download: Blobs["download"] = async (path, file, signal) => {
      if (path === "blobs/a") await new Promise((resolve) => signal?.addEventListener("abort", resolve));
      ended.push(path);
      return house.blobs.download(path, file);
    };
    await refuses(house.prepare(event, { blobs: { ...house.blobs, download } }), "not-found", "blobs/gone");
    assert.deepEqual(ended, ["blobs/gone", "blobs/a"]);
  });

  it("a file that came too short", async () => {
    using house = makeHouse();
    const event = makeEvent({ files: 1 });
    await house.putEvent(event, [await house.putFile("a", "123")]);
    const blobs = { ...house.blobs, download: (_: string, file: string) => writeFile(file, "12") };
    await refuses(house.prepare(event, { blobs }), "unavailable", "it has 2 bytes instead of 3");
  });

  it("a file that came with other bytes", async () => {
    using house = makeHouse();
    const event = makeEvent({ files: 1 });
    await house.putEvent(event, [await house.putFile("a", "123")]);
    const blobs = { ...house.blobs, download: (_: string, file: string) => writeFile(file, "124") };
    const found = createHash("sha256").update("124").digest("hex");
    await refuses(house.prepare(event, { blobs }), "unavailable", `its SHA-256 is ${found} instead of`);
  });

  for (const [what, paths, words] of [
    ["a path outside", ["../event.json"], "the path '../event.json' leads outside its folder"],
    ["an absolute path", ["/etc/passwd"], "the path '/etc/passwd' is absolute"],
    ["a path twice", ["a", "a"], "the path 'a' stands there twice"],
    ["a path below a file", ["a/b", "a"], "the path 'a/b' is below 'a', which is a file too"],
  ] as const) {
    it(`${what}, and brings nothing`, async () => {
      using house = makeHouse();
      const file = await house.putFile("stored", "1");
      const event = makeEvent({ files: paths.length });
      await house.putEvent(
        event,
        paths.map((path) => ({ ...file, path })),
      );
      await refuses(house.prepare(event), "invalid", words);
      assert.deepEqual(readdirSync(join(house.workspace, "in/data")), []);
    });
  }

  it("to go on once it is told to stop", async () => {
    using house = makeHouse();
    const event = makeEvent({ files: 1 });
    await house.putEvent(event, [await house.putFile("a", "1")]);
    const reason = new Error("stopping");
    await assert.rejects(house.prepare(event, { signal: AbortSignal.abort(reason) }), reason);
    assert.equal(existsSync(join(house.workspace, "in/data/a")), false);
  });
});
