import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { maxInsightBytes } from "../../runtime/job/inspect.ts";
import { makeWorkspace } from "./workspace.ts";

describe("inspectOutput() and insights:", () => {
  for (const [value, expected] of [
    [
      { seconds: 1.5, tags: ["a"] },
      { seconds: 1.5, tags: ["a"] },
    ],
    [{}, undefined],
    [[], undefined],
  ] as const) {
    it(`takes ${JSON.stringify(value)}`, () => {
      using workspace = makeWorkspace();
      workspace.write("out/insights.json", JSON.stringify(value));
      assert.deepEqual(workspace.inspect().insight, expected);
    });
  }

  for (const value of [7, "text", null, [1]]) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      using workspace = makeWorkspace();
      workspace.write("out/insights.json", JSON.stringify(value));
      workspace.refuses(
        "invalid",
        `'out/insights.json' is no insight: write an object, or [{"key", "value"}]`,
      );
    });
  }

  it("refuses broken JSON", () => {
    using workspace = makeWorkspace();
    workspace.write("out/insights.json", "{");
    workspace.refuses("invalid", "'out/insights.json' is not JSON");
  });

  it("refuses what is larger than a document may be", () => {
    using workspace = makeWorkspace();
    workspace.write("out/insights.json", JSON.stringify({ a: "x".repeat(maxInsightBytes) }));
    workspace.refuses("limit", `at most ${maxInsightBytes} are allowed`);
  });

  it("refuses a symbolic link", () => {
    using workspace = makeWorkspace();
    const file = join(workspace.folder, "out/insights.json");
    symlinkSync("../in/event.json", file);
    workspace.refuses("invalid", "'out/insights.json' is a symbolic link: it must be a regular file");
  });
});
