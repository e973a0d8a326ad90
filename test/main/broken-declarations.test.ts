import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { broken, randomKey } from "./broken-declarations.ts";
import { declareProject } from "./declared-project.ts";

for (const { what, fields, field, message, onStack = false } of broken) {
  describe(`ion check and ion synth refuse ${what}`, () => {
    for (const command of ["check", "synth"] as const) {
      it(`ion ${command} says where, and exits 2`, async (t) => {
        const project = declareProject(t);
        project.declare({ echo: fields });
        const { code, stdout, stderr } = await project.ion(command, ...(onStack ? ["--stack", "dev"] : []));
        const [said = "", ...rest] = stderr.trimEnd().split("\n");
        assert.deepEqual([code, stdout], [2, ""]);
        assert.match(said, /modules\/index\.ts(:\d+:\d+)?: /);
        assert.ok(said.includes(field), said);
        assert.match(said, message);
        assert.deepEqual(rest, [
          `ion: 1 rule is broken${command === "synth" ? "; nothing was written" : ""}`,
        ]);
        assert.equal(existsSync(project.out), false);
        assert.ok(!stderr.includes(randomKey) && !stderr.includes("hunter2"), "a secret is not repeated");
      });
    }
  });
}

it("what only holds on a stack doesn't keep a laptop from anything", async (t) => {
  const project = declareProject(t);
  project.declare({ echo: "image: undefined, executor: ion.kubernetes({ cpu: 3 })" });
  const { code, stdout } = await project.ion("check");
  assert.deepEqual([code, stdout], [0, "pipeline 'project' keeps every rule: 1 module, 3 event types\n"]);
});

it("a stack's own rules name the stack's file", async (t) => {
  const project = declareProject(t);
  project.declare({ echo: "" });
  project.declareStack("dev", 'images: { nobody: "x" }, runtimeImage: "registry.example/runtime:latest"');
  const { code, stderr } = await project.ion("check", "--stack", "dev");
  assert.equal(code, 2);
  assert.match(stderr, /modules\/stacks\/dev\.ts: images\.nobody: stack 'dev' names module 'nobody'/);
  assert.match(stderr, /modules\/stacks\/dev\.ts: runtimeImage: .*'registry\.example\/runtime:latest'/);
});

it("every broken rule is told, each at its module's declaration", async (t) => {
  const project = declareProject(t);
  project.declare({
    echo: "timeout: ion.days(8)",
    other: 'command: ["curl", "amqp://a:b@c"], timeout: ion.days(9)',
  });
  const { stderr } = await project.ion("check");
  const where = stderr.split("\n").map((line) => /index\.ts:(\d+):\d+: (\S+):/.exec(line)?.slice(1));
  assert.deepEqual(where.slice(0, 3), [
    ["7", "echo.timeout"],
    ["8", "other.timeout"],
    ["8", "other.command[1]"],
  ]);
  assert.match(stderr, /^ion: 3 rules are broken$/m);
});

it("--json tells the same to programs", async (t) => {
  const project = declareProject(t);
  project.declare({ echo: "timeout: ion.days(8)" });
  for (const command of ["check", "synth"] as const) {
    const { code, stdout, stderr } = await project.ion(command, "--json");
    const [{ at, ...problem }, ...others] = JSON.parse(stdout).problems;
    assert.deepEqual([code, stderr, others], [2, "", []]);
    assert.match(at, /modules\/index\.ts:7:\d+$/);
    assert.deepEqual(problem, {
      module: "echo",
      field: "timeout",
      value: "691200 s",
      message: "module 'echo': timeout must be from 1 s to 604800 s (7 days): current value is 691200 s",
    });
  }
});

it("a stack that is no plain data is refused", async (t) => {
  const project = declareProject(t);
  project.declare({ echo: "" });
  project.declareStack("dev", "quota: { pods: () => 5 }");
  const { code, stderr } = await project.ion("synth");
  assert.equal(code, 2);
  assert.match(stderr, /^ion: cannot load '.*stacks\/dev\.ts': \(\) => 5 could not be cloned\.\n$/);
});

it("a stack of another name than its file's is refused", async (t) => {
  const project = declareProject(t);
  project.declare({ echo: "" });
  project.declareStack("dev", 'name: "prod"');
  const { code, stderr } = await project.ion("synth");
  assert.equal(code, 2);
  assert.match(stderr, /^ion: '.*stacks\/dev\.ts' has no stack named 'dev' as its default export/);
});

it("what a stack brings in is told with the stack's file", async (t) => {
  const project = declareProject(t);
  project.declare({ echo: "" });
  project.declareStack(
    "dev",
    'modules: { echo: { resources: { cpu: 3 }, config: { DB_PASSWORD: "hunter2" } } }',
  );
  const { code, stderr } = await project.ion("synth");
  assert.equal(code, 2);
  assert.match(stderr, /stacks\/dev\.ts: echo\.executor\.cpu: .*: current value is 3;/);
  assert.match(stderr, /stacks\/dev\.ts: echo\.config\.DB_PASSWORD: .*a secret, by its name/);
});
