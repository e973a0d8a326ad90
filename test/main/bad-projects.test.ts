import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { suite, test } from "node:test";
import { runIon } from "./command.ts";
import { makeProject, type Project } from "./project.ts";

const [index, declaration] = ["modules/index.ts", "modules/echo/module.ts"];

interface Case {
  readonly name: string;
  readonly spoil?: (project: Project) => void;
  readonly argv?: readonly string[];
  readonly why: RegExp;
}

const cases: readonly Case[] = [
  {
    name: "no pipeline file",
    argv: ["--pipeline", "nowhere.ts"],
    why: /there is no pipeline file '.*nowhere\.ts': name one with --pipeline/,
  },
  {
    name: "a file that exports no pipeline",
    argv: ["--pipeline", "modules/events.ts"],
    why: /'.*events\.ts' has no pipeline as its default export/,
  },
  {
    name: "a syntax error, with its line",
    spoil: (project) => project.edit(declaration, "  on: asked", "  on asked"),
    why: /cannot load '.*index\.ts': .*\(\S+\/modules\/echo\/module\.ts:7\)$/m,
  },
  {
    name: "an import that isn't there",
    spoil: (project) => project.edit(index, "./echo/module.ts", "./gone/module.ts"),
    why: /Cannot find module '.*gone\/module\.ts' imported from \S+index\.ts$/m,
  },
  {
    name: "a declaration that breaks a rule, with its line",
    spoil: (project) => project.edit(declaration, '"echo"', '"Echo 1"'),
    why: /module name 'Echo 1' is not an RFC 1123 label: .*\(\S+\/modules\/echo\/module\.ts:5\)$/m,
  },
  {
    name: "a graph that breaks a rule",
    spoil: (project) => project.edit(index, "[asked]", "[]"),
    why: /module 'echo' subscribes to 'asked', which no module emits and no source provides/,
  },
  {
    name: "a data folder that is a file",
    argv: ["--data", "package.json"],
    why: /cannot keep data in '.*package\.json': there is a file where a folder must be/,
  },
  { name: "--once without a demo", argv: ["--once"], why: /cannot run with --once/ },
  { name: "a port that is none", argv: ["--port", "70000"], why: /--port '70000'/ },
  { name: "an endpoint", argv: ["--endpoint", "http://127.0.0.1:1"], why: /cannot run with --endpoint/ },
  { name: "no token in the token's file", argv: ["--token-file", "nowhere"], why: /token file 'nowhere'/ },
];

suite("ion local ends with one error and 2, and leaves nothing behind, when it is given", () => {
  for (const { name, spoil, argv = [], why } of cases) {
    test(name, async (t) => {
      const project = makeProject(t);
      spoil?.(project);
      const before = readdirSync(project.folder);
      const { code, stdout, stderr } = await runIon(["local", "--port", "0", ...argv], {
        folder: project.folder,
      });
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" }, stderr);
      assert.match(stderr, /^ion: [^\n]+\n$/);
      assert.match(stderr, why);
      assert.deepEqual(readdirSync(project.folder), before);
    });
  }
});
