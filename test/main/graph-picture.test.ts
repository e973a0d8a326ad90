import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repository, runIon } from "./command.ts";

test("docs/graph.svg is what `ion graph --format svg` draws of the sample pipeline", async () => {
  const { code, stdout, stderr } = await runIon(["graph", "--format", "svg"]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(readFileSync(join(repository, "docs/graph.svg"), "utf8"), stdout);
});
