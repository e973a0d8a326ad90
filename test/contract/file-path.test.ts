import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { eachParent, findFilePathProblem } from "../../runtime/contract/file-path.ts";

describe("a file's path", () => {
  for (const path of ["a", "folder/film.mov", "…/ü", "a".repeat(800), "C:", "%2e%2e"]) {
    it(`may be ${JSON.stringify(path.slice(0, 20))}`, () =>
      assert.equal(findFilePathProblem(path), undefined));
  }
  for (const [path, problem] of [
    ["", "is empty: name a file"],
    ["a\u0007", "has a control character: use printable ones"],
    ["a\ufffd", "is not valid UTF-8: rename it"],
    ["a\ud800", "is not valid UTF-8: rename it"],
    ["a\\b", "has a backslash: use '/' between folders"],
    ["ü".repeat(401), "has 802 bytes: at most 800 are allowed"],
    ["/etc/passwd", "is absolute: say it relative to its folder"],
    ["a/../b", "leads outside its folder: '..' is not allowed"],
    ["a//b", "has an empty part: say it as 'folder/file'"],
    ["a/", "has an empty part: say it as 'folder/file'"],
    ["./a", "has an empty part: say it as 'folder/file'"],
  ] as const) {
    it(`may not be ${JSON.stringify(path.slice(0, 20))}`, () =>
      assert.equal(findFilePathProblem(path), problem));
  }
});

it("eachParent() lists the folders from the outermost", () => {
  assert.deepEqual([...eachParent("a/b/c")], ["a", "a/b"]);
  assert.deepEqual([...eachParent("a")], []);
});

const trickyPath = fc
  .array(fc.oneof(fc.constantFrom("..", ".", "", "/", "\\", "\u0000", "a", "…", "%2e%2e", "C:"), fc.string()))
  .map((parts) => parts.join("/"));

it("a path without a problem stays below its folder", () => {
  fc.assert(
    fc.property(trickyPath, (path) => {
      if (findFilePathProblem(path) !== undefined) return;
      const whole = resolve("/workspace/in/data", path);
      assert.equal(whole, `/workspace/in/data/${path}`);
    }),
    { numRuns: 2_000 },
  );
});
