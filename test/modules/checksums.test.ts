import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { runModule } from "ion/kit/testing";
import { checksums } from "../../modules/checksums/module.ts";
import checksumsPipeline from "../../modules/checksums/pipeline.ts";

const helloSha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const skip = spawnSync("python3", ["--version"]).status === 0 ? false : "there is no python3 on the PATH";

/** The workspace of the original Ion: no `event.json`, and `HANDLER_BASE_DIR` alone says where it is. */
function makeOriginalWorkspace(): string {
  const folder = mkdtempSync(join(tmpdir(), "ion-checksums-"));
  for (const name of ["in/data/sub", "out/data", "out/events"])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, "in/eventmeta.json"), JSON.stringify([{ key: "picture", value: "hello" }]));
  writeFileSync(join(folder, "in/data/sub/hello.txt"), "hello");
  return folder;
}

suite("checksums", { skip }, () => {
  test("reads and writes the original Ion's files", (t) => {
    const folder = makeOriginalWorkspace();
    t.after(() => rmSync(folder, { recursive: true }));
    execFileSync("python3", ["modules/checksums/main.py"], {
      env: { ...process.env, HANDLER_BASE_DIR: folder },
    });
    const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"));
    assert.deepEqual(read("out/events/00000.json"), [
      { key: "eventType", value: "checksummed" },
      { key: "files", value: "sub/hello.txt" },
      { key: "picture", value: "hello" },
      { key: "sha256", value: helloSha256 },
      { key: "bytes", value: "5" },
    ]);
    assert.deepEqual(read("out/insights.json"), [
      { key: "sub/hello.txt sha256", value: helloSha256 },
      { key: "sub/hello.txt bytes", value: "5" },
    ]);
    assert.equal(readFileSync(join(folder, "out/data/sub/hello.txt"), "utf8"), "hello");
  });

  test("writes what commit takes, with the types that the schema says", async () => {
    const files = { "hello.txt": Buffer.from("hello"), "sub/empty": Buffer.alloc(0) };
    using result = await runModule(checksums, {
      event: { type: "frame_found", data: { picture: "hello" } },
      files,
    });
    assert.equal(result.exitCode, 0, result.log);
    assert.deepEqual(
      result.events.map(({ data, files: sent }) => [data.bytes, data.sha256, sent.map(({ path }) => path)]),
      [
        [5, helloSha256, ["hello.txt"]],
        [0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ["sub/empty"]],
      ],
    );
  });

  test("is a pipeline of its own", () => {
    assert.deepEqual(checksumsPipeline.spec.sources, ["frame_found"]);
  });
});
