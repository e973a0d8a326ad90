import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { temporaryFolder } from "./command.ts";
import { getExecution, startIon } from "./local-ion.ts";

test("a module in the original Ion's format works unchanged", async (t) => {
  const letter = join(temporaryFolder(t), "letter.txt");
  writeFileSync(letter, "nothing but five small words\n");
  const ion = await startIon(t, { pipeline: "original" });
  const trace = await ion.run("document_sent", { language: "en", pages: 2 }, [letter]);

  assert.equal(trace.counts.failed, 0, JSON.stringify(trace, undefined, 1));
  const { insight, children } = getExecution(trace, "counter");
  assert.deepEqual(insight, { language: "en", pages: "2" });
  const [counted, ...others] = children;
  assert(counted !== undefined && others.length === 0);
  const { path, ...data } = counted.data;
  assert.deepEqual(data, { words: 5, exact: true }, "strings became what the schema says");
  assert.match(z.string().parse(path), /\/in\/data\/letter\.txt$/, "a file's name maps to its path");
  assert.deepEqual(
    counted.files.map(({ path, blob }) => [path, readFileSync(join(ion.data, "blobs", blob), "utf8")]),
    [
      ["summary.txt", "5 words in en\n"],
      ["letter.txt", "nothing but five small words\n"],
    ],
  );
  assert.equal(getExecution(trace, "reader").state, "succeeded");
});
