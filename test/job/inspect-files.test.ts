import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { kibibytes } from "../../runtime/contract/size.ts";
import { inspectContext, makeWorkspace } from "./workspace.ts";

describe("inspectOutput() takes", () => {
  it("an empty output", () => {
    using workspace = makeWorkspace();
    assert.deepEqual(workspace.inspect(), { files: [], children: [] });
  });

  it("an output whose folders the module removed", () => {
    using workspace = makeWorkspace();
    rmSync(join(workspace.folder, "out"), { recursive: true });
    assert.deepEqual(workspace.inspect(), { files: [], children: [] });
  });

  it("files, with their folders", () => {
    using workspace = makeWorkspace();
    const deep = workspace.write("out/data/a/b/c.txt", "123");
    const flat = workspace.write("out/data/c.txt", "");
    const files = workspace.inspect().files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    assert.deepEqual(files, [
      { path: "a/b/c.txt", file: deep, bytes: 3 },
      { path: "c.txt", file: flat, bytes: 0 },
    ]);
  });

  it("two names of one file, both in out/", () => {
    using workspace = makeWorkspace();
    linkSync(workspace.write("out/data/a", "1"), join(workspace.folder, "out/data/b"));
    assert.equal(workspace.inspect().files.length, 2);
  });

  it("names in any script", () => {
    using workspace = makeWorkspace();
    workspace.write("out/data/日本 é 🎬.txt", "1");
    assert.equal(workspace.inspect().files[0]?.path, "日本 é 🎬.txt");
  });
});

describe("inspectOutput() refuses", () => {
  it("an unknown entry of out/", () => {
    using workspace = makeWorkspace();
    workspace.write("out/result.txt", "1");
    workspace.refuses("invalid", "'out/result.txt' is not part of a workspace: only 'data', 'events' and");
  });

  it("a symbolic link in out/data", () => {
    using workspace = makeWorkspace();
    symlinkSync("/etc/passwd", join(workspace.folder, "out/data/passwords"));
    workspace.refuses("invalid", "'out/data/passwords' is a symbolic link: it must be a regular file");
  });

  it("a symbolic link to a folder", () => {
    using workspace = makeWorkspace();
    symlinkSync("/etc", join(workspace.folder, "out/data/etc"));
    workspace.refuses("invalid", "'out/data/etc' is a symbolic link");
  });

  it("a symbolic link that leads nowhere", () => {
    using workspace = makeWorkspace();
    symlinkSync("nowhere", join(workspace.folder, "out/data/link"));
    workspace.refuses("invalid", "'out/data/link' is a symbolic link");
  });

  for (const name of ["out", "out/data", "out/events"]) {
    it(`a symbolic link in the place of ${name}`, () => {
      using workspace = makeWorkspace();
      rmSync(join(workspace.folder, name), { recursive: true });
      symlinkSync("/etc", join(workspace.folder, name));
      workspace.refuses("invalid", `'${name}' is a symbolic link: it must be a folder`);
    });

    it(`a file in the place of ${name}`, () => {
      using workspace = makeWorkspace();
      rmSync(join(workspace.folder, name), { recursive: true });
      workspace.write(name, "1");
      workspace.refuses("invalid", `'${name}' is a file: it must be a folder`);
    });
  }

  it("a named pipe", () => {
    using workspace = makeWorkspace();
    execFileSync("mkfifo", [join(workspace.folder, "out/data/pipe")]);
    workspace.refuses("invalid", "'out/data/pipe' is a named pipe: it must be a regular file");
  });

  it("a socket", async () => {
    using workspace = makeWorkspace();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(workspace.folder, "out/data/socket"), resolve));
    workspace.refuses("invalid", "'out/data/socket' is a socket");
    server.close();
  });

  it("a device", (t) => {
    using workspace = makeWorkspace();
    try {
      execFileSync("mknod", [join(workspace.folder, "out/data/null"), "c", "1", "3"], { stdio: "ignore" });
    } catch {
      return t.skip("only root can make a device");
    }
    workspace.refuses("invalid", "'out/data/null' is a device");
  });

  it("a hard link to a file outside", () => {
    using workspace = makeWorkspace();
    const outside = workspace.write("in/secret", "1");
    linkSync(outside, join(workspace.folder, "out/data/a"));
    workspace.refuses("invalid", "'out/data/a' is a hard link to a file outside out/: copy the file");
  });

  it("a hard link to an event file outside, without quoting it", () => {
    using workspace = makeWorkspace();
    const outside = workspace.write("in/secret", "the password");
    linkSync(outside, join(workspace.folder, "out/events/a.json"));
    assert.throws(
      () => workspace.inspect(),
      (thrown) => {
        assert.ok(thrown instanceof Error);
        assert.match(thrown.message, /'out\/events\/a\.json' is a hard link/);
        assert.doesNotMatch(thrown.message, /password/);
        return true;
      },
    );
  });

  it("more files than allowed", () => {
    using workspace = makeWorkspace();
    for (const name of ["a", "b/b", "c/c/c"]) workspace.write(`out/data/${name}`, "1");
    workspace.refuses("limit", "out/data holds more than 2 files", inspectContext({ files: 2 }));
    assert.equal(workspace.inspect(inspectContext({ files: 3 })).files.length, 3);
  });

  it("more bytes than allowed", () => {
    using workspace = makeWorkspace();
    truncateSync(workspace.write("out/data/a", ""), 600);
    truncateSync(workspace.write("out/data/b", ""), 600);
    workspace.refuses(
      "limit",
      "at least 1.2 KiB, but the module's limit is 1.0 KiB: write less or raise its limits.size",
      inspectContext({ size: kibibytes(1) }),
    );
  });

  it("a hole of 10 TiB without reading it", () => {
    using workspace = makeWorkspace();
    truncateSync(workspace.write("out/data/a", ""), 10 * 2 ** 40);
    workspace.refuses("limit", "at least 10.0 TiB");
  });

  it("a path that is too long", () => {
    using workspace = makeWorkspace();
    const deep = Array.from({ length: 4 }, () => "d".repeat(200)).join("/");
    workspace.write(`out/data/${deep}/file`, "1");
    workspace.refuses("invalid", "bytes: at most 800 are allowed");
  });

  it("a folder too deep to have a path", () => {
    using workspace = makeWorkspace();
    mkdirSync(join(workspace.folder, "out/data", "d/".repeat(500)), { recursive: true });
    workspace.refuses("invalid", "at most 800 are allowed");
  });

  for (const [what, name, words] of [
    ["a control character", "a\nb", "'a\\nb' in out/data has a control character"],
    ["a backslash", "a\\b", "has a backslash"],
  ] as const) {
    it(`a name with ${what}`, () => {
      using workspace = makeWorkspace();
      workspace.write(`out/data/${name}`, "1");
      workspace.refuses("invalid", words);
    });
  }

  it("a name that is not UTF-8", () => {
    using workspace = makeWorkspace();
    const folder = Buffer.from(`${workspace.folder}/out/data/`);
    writeFileSync(Buffer.concat([folder, Buffer.from([0x66, 0xff, 0xfe])]), "1");
    workspace.refuses("invalid", "in out/data is not valid UTF-8");
  });

  it("a file that nobody may read", () => {
    using workspace = makeWorkspace();
    chmodSync(workspace.write("out/data/a", "1"), 0o000);
    workspace.refuses("invalid", "'out/data/a' can't be read");
  });
});

it("inspectOutput() writes nothing", () => {
  using workspace = makeWorkspace();
  workspace.write("out/data/a", "1");
  workspace.writeEvent("a.json", { type: "anything" });
  const copy = mkdtempSync(join(tmpdir(), "ion-copy-"));
  try {
    execFileSync("cp", ["-a", `${workspace.folder}/.`, copy]);
    workspace.inspect();
    execFileSync("diff", ["-r", workspace.folder, copy]);
  } finally {
    rmSync(copy, { recursive: true });
  }
});
