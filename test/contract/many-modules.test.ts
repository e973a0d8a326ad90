import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { compile, makeScratch } from "./compile.ts";

const count = 500;

/** A chain of modules, each with an event type of its own; the last one subscribes to what nobody emits. */
function declareMany(): string {
  const events = Array.from(
    { length: count + 1 },
    (_, index) =>
      `const e${index} = event("event_${index}", z.object({ kind: z.enum(["a", "b"]), n${index}: z.int() }));`,
  );
  const modules = Array.from(
    { length: count },
    (_, index) =>
      `const m${index} = defineModule({ name: "m${index}", on: e${index}.where({ kind: "a" }), emits: [e${index + 1}], command });`,
  );
  const names = modules.map((_, index) => `m${index}`).join(", ");
  return `
import { z } from "zod";
import { defineModule, event, pipeline } from "../../runtime/contract/index.ts";
const command = ["true"] as const;
${events.join("\n")}
${modules.join("\n")}
const orphan = event("orphan", z.object({}));
const lost = defineModule({ name: "lost", on: orphan, command });
export const good = () => pipeline("many", [${names}], { sources: [e0] });
export const bad = () => pipeline("many", [${names}, lost], { sources: [e0] });
`;
}

it(`${count} modules are checked in seconds, and the one that is wrong is named`, (t) => {
  using scratch = makeScratch("many-modules");
  writeFileSync(join(scratch.folder, "many.ts"), declareMany());
  writeFileSync(
    join(scratch.folder, "tsconfig.json"),
    JSON.stringify({ extends: "../../tsconfig.json", include: ["*.ts"], exclude: [] }),
  );
  const start = performance.now();
  const said = compile(scratch.folder);
  t.diagnostic(`${count} modules, twice: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  const message = said.get("many.ts") ?? "";
  assert.match(message, /module 'lost' subscribes to 'orphan', which no module emits/);
  assert.equal(message.match(/: error /g)?.length, 1);
  assert.deepEqual([...said.keys()], ["many.ts"]);
});
