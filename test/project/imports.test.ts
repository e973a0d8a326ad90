import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { findCycle, listImports, listSources, readGraph, stripText } from "./import-graph.ts";
import { findForbidden, findVagueFolders, mayReadEnvironment } from "./import-table.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

function readOwnPackages(): Record<string, string> {
  const manifest: { name: string; exports: Record<string, string> } = JSON.parse(
    readFileSync(join(repository, "package.json"), "utf8"),
  );
  return Object.fromEntries(
    Object.entries(manifest.exports).map(([path, file]) => [
      path.replace(/^\./, manifest.name),
      file.replace(/^\.\//, ""),
    ]),
  );
}

const files = listSources(repository, ["runtime", "modules", "infra"]);
const graph = readGraph(repository, files, readOwnPackages());

describe("the repository", () => {
  it("is looked at", () => {
    assert.ok(files.includes("runtime/contract/index.ts"));
    assert.ok(graph.get("runtime/job/inspect.ts")?.includes("runtime/contract/errors.ts"));
  });
  it("keeps to the import table", () => assert.deepEqual(findForbidden(graph), []));
  it("has no import cycle", () => assert.equal(findCycle(graph), undefined));
  it("has no utils, common, helpers or types folder", () => assert.deepEqual(findVagueFolders(files), []));
  it("reads its environment in main/ only", () => {
    const readers = files.filter(
      (file) =>
        !mayReadEnvironment(file) &&
        /\bprocess\.env\b/.test(stripText(readFileSync(join(repository, file), "utf8"))),
    );
    assert.deepEqual(readers, []);
  });
  it("imports files that are there", () => {
    const known = new Set(files);
    const missing = [...graph].flatMap(([file, targets]) =>
      targets
        .filter((target) => target.endsWith(".ts") && !known.has(target))
        .map((target) => `${file} -> ${target}`),
    );
    assert.deepEqual(missing, []);
  });
});

describe("the import table refuses", () => {
  for (const [file, target] of [
    ["runtime/contract/a.ts", "runtime/ports/bus.ts"],
    ["runtime/ports/bus.ts", "runtime/adapters/local/bus.ts"],
    ["runtime/job/commit.ts", "runtime/dispatcher/decide.ts"],
    ["runtime/job/commit.ts", "runtime/adapters/local/bus.ts"],
    ["runtime/dispatcher/loop.ts", "runtime/main/local.ts"],
    ["runtime/adapters/local/bus.ts", "runtime/adapters/memory/bus.ts"],
    ["runtime/adapters/local/bus.ts", "runtime/job/prepare.ts"],
    ["runtime/cli/trace.ts", "runtime/management/server.ts"],
    ["runtime/cli/trace.ts", "runtime/ports/bus.ts"],
    ["runtime/main/local.ts", "modules/index.ts"],
    ["runtime/main/cloud.ts", "infra/config.ts"],
    ["runtime/charts/module.ts", "runtime/ports/bus.ts"],
    ["modules/faces/main.ts", "runtime/job/inspect.ts"],
    ["infra/index.ts", "runtime/main/local.ts"],
    ["runtime/somewhere/new.ts", "runtime/contract/event.ts"],
  ] as const) {
    it(`${file} -> ${target}`, () => {
      assert.deepEqual(findForbidden(new Map([[file, [target]]])), [`${file} -> ${target}`]);
    });
  }
});

describe("the import table allows", () => {
  for (const [file, target] of [
    ["runtime/job/commit.ts", "runtime/ports/bus.ts"],
    ["runtime/job/commit.ts", "runtime/job/inspect.ts"],
    ["runtime/cli/trace.ts", "runtime/management/client.ts"],
    ["runtime/main/local.ts", "runtime/adapters/local/bus.ts"],
    ["infra/workloads.ts", "runtime/charts/module.ts"],
    ["modules/faces/main.ts", "modules/kit/index.ts"],
  ] as const) {
    it(`${file} -> ${target}`, () => assert.deepEqual(findForbidden(new Map([[file, [target]]])), []));
  }
});

it("findCycle() finds a cycle of any length, and none where there is none", () => {
  const chain = new Map([
    ["a", ["b", "c"]],
    ["b", ["c"]],
    ["c", ["d"]],
  ]);
  assert.equal(findCycle(chain), undefined);
  assert.deepEqual(findCycle(new Map([...chain, ["d", ["b"]]])), ["b", "c", "d", "b"]);
  assert.deepEqual(findCycle(new Map([["a", ["a"]]])), ["a", "a"]);
});

it("listImports() finds every way to import, and no example", () => {
  const source = `
    import a from "./a.ts";
    import { type B, b } from './b.ts';
    import type { C } from "./c.ts";
    import "./d.ts";
    export * from "./e.ts";
    export { f } from "./f.ts";
    const g = await import("./g.ts");
    let h: typeof import("./h.ts");
    import {
      i,
    } from "./i.ts";
    // import "./comment.ts";
    /* import "./comment.ts"; */
    const text = "**/*.ts"; import "./j.ts"; const more = "*/";
    const template = \`import "./template.ts"\`;
    export const from = "./value.ts";
  `;
  assert.deepEqual(
    listImports(source).toSorted(),
    ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"].map((name) => `./${name}.ts`),
  );
});
