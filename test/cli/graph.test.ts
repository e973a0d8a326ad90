import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import type { Declarations } from "../../runtime/cli/declarations.ts";
import {
  defineModule,
  event,
  flowCompleted,
  type PipelineSpec,
  pipeline,
} from "../../runtime/contract/index.ts";
import { run } from "./harness.ts";

const command = ["true"] as const;
const link = event("link", z.object({ kind: z.enum(["a", "b"]), "odd<\"'&>": z.string() }));
const page = event("page", z.object({}));
const lost = event("lost", z.object({}));

const fetch = defineModule({ name: "fetch", on: link.where({ kind: ["a", "b"] }), emits: [page], command });
const index = defineModule({
  name: "index",
  on: [link.where({ kind: "a" }), link.where({ "odd<\"'&>": '<"|>' }), page],
  command,
});
const stray = defineModule({ name: "stray", on: lost, emits: [lost], command });
const report = defineModule({
  name: "report",
  on: flowCompleted,
  joins: [page],
  emits: [event("done", z.object({}))],
  command,
});

const { spec } = pipeline("web", [fetch, index, stray, report], { sources: [link] });

const draw = (pipelineSpec: PipelineSpec, ...options: readonly string[]) => {
  const declarations: Declarations = {
    check: () => Promise.resolve({ pipeline: pipelineSpec, problems: [] }),
    synthesize: () => assert.fail("nothing is to be written"),
  };
  return run(["graph", ...options], { declarations });
};

const mermaid = `flowchart LR
  gateway(["gateway"])
  module_fetch["fetch"]
  module_index["index"]
  module_stray["stray#58; never runs"]:::unreachable
  module_report["report"]
  flow_end(["end of the flow"])
  nobody_done(("nobody")):::nobody
  gateway -->|"link [kind = a #124; b]"| module_fetch
  gateway -->|"link [kind = a or odd#60;#34;#39;#38;#62; = #60;#34;#124;#62;]"| module_index
  module_fetch -->|"page"| module_index
  module_stray -->|"lost"| module_stray
  flow_end -->|"ion.flow_completed"| module_report
  module_fetch -.->|"files of page"| module_report
  module_report -.->|"done"| nobody_done
  classDef unreachable stroke:#c0392b,stroke-width:2px,stroke-dasharray:6 4
  classDef nobody stroke-dasharray:3 3
`;

const dot = `digraph "web" {
  rankdir=LR;
  gateway [label="gateway" shape=oval];
  module_fetch [label="fetch" shape=box style=rounded];
  module_index [label="index" shape=box style=rounded];
  module_stray [label="stray: never runs" shape=box style="rounded,dashed" color=red];
  module_report [label="report" shape=box style=rounded];
  flow_end [label="end of the flow" shape=oval];
  nobody_done [label="nobody" shape=circle style=dashed];
  gateway -> module_fetch [label="link [kind = a | b]"];
  gateway -> module_index [label="link [kind = a or odd<\\"'&> = <\\"|>]"];
  module_fetch -> module_index [label="page"];
  module_stray -> module_stray [label="lost"];
  flow_end -> module_report [label="ion.flow_completed"];
  module_fetch -> module_report [label="files of page" style=dashed];
  module_report -> nobody_done [label="done" style=dashed];
}
`;

for (const [format, expected] of [
  ["mermaid", mermaid],
  ["dot", dot],
] as const) {
  test(`ion graph --format ${format} shows types, filters, joins, what never runs and what nobody takes`, async () => {
    assert.deepEqual(await draw(spec, "--format", format), { code: 0, stdout: expected, stderr: "" });
  });
}

test("ion graph draws Mermaid unless told otherwise", async () => {
  assert.equal((await draw(spec)).stdout, mermaid);
});

test("ion graph --format svg has all of it as text, and is the same each time", async () => {
  const { code, stdout } = await draw(spec, "--format", "svg");
  assert.equal(code, 0);
  for (const text of [
    "fetch",
    "never runs",
    "nobody",
    "files of page",
    "kind = a | b",
    "odd&lt;&quot;'&amp;&gt;",
  ]) {
    assert.ok(stdout.includes(text), text);
  }
  assert.match(stdout, /prefers-color-scheme: dark/);
  assert.doesNotMatch(stdout, /NaN|undefined|Infinity/);
  assert.equal((await draw(spec, "--format", "svg")).stdout, stdout);
});

test("ion graph draws 500 modules", async () => {
  const modules = Array.from({ length: 500 }, (_, number) => ({
    ...fetch.spec,
    name: `m${number}`,
    on: [{ type: `e${Math.floor(number / 2)}`, filter: {} }],
    emits: [`e${number + 1}`],
  }));
  const { code, stdout } = await draw({ ...spec, sources: ["e0"], modules }, "--format", "svg");
  assert.equal(code, 0);
  assert.equal(stdout.match(/class="module"/g)?.length, 500);
});

test("ion graph --out writes a file and prints its name", async (t) => {
  const file = join(tmpdir(), `ion-graph-${process.pid}.mmd`);
  t.after(() => rmSync(file, { force: true }));
  assert.deepEqual(await draw(spec, "--out", file), { code: 0, stdout: `${file}\n`, stderr: "" });
  assert.equal(readFileSync(file, "utf8"), mermaid);
});

test("ion graph --out says why a file can't be written", async () => {
  const { code, stderr } = await draw(spec, "--out", "/nowhere/graph.mmd");
  assert.equal(code, 2);
  assert.match(stderr, /^ion: cannot write the graph to '\/nowhere\/graph\.mmd': there is no such file\n$/);
});
