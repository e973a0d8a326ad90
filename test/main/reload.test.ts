import assert from "node:assert/strict";
import { test } from "node:test";
import { makeGate } from "./gate.ts";
import { getExecution, listExecutions, startIon } from "./local-ion.ts";
import { makeProject } from "./project.ts";

const [index, declaration, source] = ["modules/index.ts", "modules/echo/module.ts", "modules/echo/main.sh"];
const onlyEcho = 'import { echo } from "./echo/module.ts";';
const andOther = `${onlyEcho}\nimport { other } from "./other/module.ts";`;

test("an edited project takes effect for the next event", async (t) => {
  const project = makeProject(t);
  const ion = await startIon(t, {
    folder: project.folder,
    pipeline: index,
    data: ".ion",
    environment: { TMPDIR: project.folder },
  });
  const runEcho = async () => getExecution(await ion.run("asked"), "echo");
  const reloaded = (module: string) => ion.lines.next(new RegExp(`^reloaded 1 module: ${module}$`));
  const first = await runEcho();
  assert.deepEqual(first.insight, { source: "one", declaration: "one" });

  await t.test("a module's source", async () => {
    project.edit(source, '"one', '"two');
    await reloaded("echo");
    const { insight, version } = await runEcho();
    assert.deepEqual(insight, { source: "two", declaration: "one" });
    assert.notEqual(version, first.version);
  });

  await t.test("a module's declaration", async () => {
    project.edit(declaration, 'WORD: "one"', 'WORD: "two"');
    await reloaded("echo");
    assert.deepEqual((await runEcho()).insight, { source: "two", declaration: "two" });
  });

  await t.test("but what runs ends as it began", async () => {
    const gate = makeGate(project.folder, "gate");
    const before = (await runEcho()).version;
    const flow = await ion.submit("asked", { wait: true });
    await gate.arrival();
    project.edit(source, '"two', '"three');
    await reloaded("echo");
    assert.deepEqual((await runEcho()).insight, { source: "three", declaration: "two" });
    await gate.open();
    const { insight, version } = getExecution(await ion.end(flow), "echo");
    assert.deepEqual(
      { insight, version },
      { insight: { source: "two", declaration: "two" }, version: before },
    );
  });

  await t.test("a new module, and one that is gone", async () => {
    project.edit(index, onlyEcho, andOther);
    project.edit(index, "[echo]", "[echo, other]");
    await reloaded("other");
    const names = async () => listExecutions(await ion.run("asked")).map(({ module }) => module);
    assert.deepEqual(await names(), ["echo", "other"]);
    project.edit(index, "[echo, other]", "[echo]");
    await reloaded("other");
    assert.deepEqual(await names(), ["echo"]);
  });

  await t.test("what waits for a module that is gone is handled when it comes back", async () => {
    const gate = makeGate(project.folder, "gate");
    const running = await ion.submit("asked", { wait: true });
    await gate.arrival();
    const waiting = await ion.submit("asked");
    project.edit(index, "[echo]", "[other]");
    await ion.lines.next(/^reloaded 2 modules: other, echo$/);
    await gate.open();
    assert.equal(getExecution(await ion.end(running), "echo").state, "succeeded");
    assert.equal((await ion.client.getFlow(waiting)).state, "running");
    project.edit(index, "[other]", "[echo]");
    await ion.lines.next(/^reloaded 2 modules: echo, other$/);
    assert.equal(getExecution(await ion.end(waiting), "echo").state, "succeeded");
  });

  await t.test("declarations that break a rule, or don't load, leave those before in force", async () => {
    const refused = (why: RegExp) =>
      ion.lines.next(
        new RegExp(`^ion: cannot reload the declarations: .*${why.source}.*; the ones before stay in force$`),
      );
    project.edit(index, "[asked]", "[]");
    await refused(/module 'echo' subscribes to 'asked', which no module emits and no source provides/);
    assert.deepEqual((await runEcho()).insight, { source: "three", declaration: "two" });
    project.edit(declaration, "defineModule({", "defineModule({{");
    await refused(/cannot load/);
    assert.deepEqual((await runEcho()).insight, { source: "three", declaration: "two" });

    project.edit(declaration, "defineModule({{", "defineModule({");
    project.edit(declaration, 'WORD: "two"', 'WORD: "mended"');
    project.edit(index, "[]", "[asked]");
    await reloaded("echo");
    assert.deepEqual((await runEcho()).insight, { source: "three", declaration: "mended" });
  });

  assert.equal(await ion.stop(), 0);
});
