import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { FlowInput } from "ion";
import { runModule } from "ion/kit/testing";
import { lightWorker, originalWorker, undeclaredWorker, worker } from "./kit-fixtures/module.ts";

const tell = (...steps: string[]) => runModule(worker, { event: { data: { steps } } });

test("run() gives the files, and takes files, events, insights and progress", async () => {
  const steps = ["all", "write", "stream", "emitByName", "report", "readConfig"];
  using result = await runModule(worker, {
    event: { type: "told", data: { steps } },
    files: { "b/c.txt": Buffer.from("c"), "a.txt": import.meta.filename },
    config: { LOUD: "false" },
  });
  assert.equal(result.exitCode, 0, result.log);
  const content = Object.fromEntries(
    result.files.map(({ path, file }) => [path, readFileSync(file, "utf8")]),
  );
  assert.deepEqual(content, { "a/b.txt": "text", "c.txt": "one two" });
  assert.deepEqual(
    result.events.map(({ type, data, files }) => [type, data, files.map(({ path }) => path)]),
    [
      ["made", { width: 2 }, ["a/b.txt"]],
      ["noted", { text: "by name" }, []],
    ],
  );
  const read = { greeting: "hello", size: 3, loud: false };
  assert.deepEqual(result.insight, { all: ["a.txt", "b/c.txt"], found: true, ...read });
  assert.deepEqual(result.progress, [0, 0.5, 1]);
});

test("run() tells event types apart", async () => {
  using result = await runModule(worker, { event: { type: "named", data: { name: "ion" } } });
  assert.deepEqual(result.insight, { name: "ion" });
});

test("run() with a name needs no declaration", async () => {
  using result = await runModule(lightWorker, { event: { data: { steps: [] } } });
  assert.deepEqual(result.events, [{ type: "made", data: { width: 5 }, files: [] }]);
});

test("flow() gives the tree, with the files that were joined", async () => {
  const file = { path: "a.txt", bytes: 1, sha256: "", local: "in/data/1/a.txt" };
  const base = { id: "1", type: "made", source: "/ion/worker", time: "", data: {} };
  const flow: FlowInput = {
    correlationId: "1",
    startedAt: "",
    completedAt: "",
    counts: { events: 1, succeeded: 1, failed: 0 },
    events: [{ ...base, files: [file] }],
    insights: [],
    executions: [],
  };
  using result = await runModule(worker, {
    event: { type: "ion.flow_completed", data: { events: 1, succeeded: 1, failed: 0 } },
    flow,
    flowFiles: { [file.local]: Buffer.from("a") },
  });
  assert.equal(result.insight.failed, 0, result.log);
  const [local] = Array.isArray(result.insight.local) ? result.insight.local : [];
  assert.ok(String(local).endsWith("/in/data/1/a.txt") && existsSync(String(local)));
});

test("one() wants exactly one file", async () => {
  using none = await tell("one");
  assert.equal(none.exitCode, 65);
  assert.match(none.log, /exactly one file must come with the event: none came/);
});

const failures: Readonly<Record<string, readonly [number, RegExp]>> = {
  failForGood: [65, /^the input is no good\n$/],
  fail: [1, /Error: try again\n {4}at .*\n[\s\S]*\ntry again\n$/],
  emitInvalid: [65, /^cannot emit 'made': data\.width: .*\n$/],
  leave: [65, /^'\.\.\/leave\.txt' is not below out\/data: use a path such as/],
  readUnset: [78, /^setting 'UNSET' is not set: name it in the declaration's 'config' or 'secrets'\n$/],
  readFlow: [65, /^cannot read the flow: only 'ion\.flow_completed' brings one/],
};

for (const [step, [exitCode, log]] of Object.entries(failures)) {
  test(`run() ends with ${exitCode} and says why: ${step}`, async () => {
    using result = await tell("write", step);
    assert.equal(result.exitCode, exitCode, result.log);
    assert.match(result.log, log);
    assert.deepEqual([result.events, result.files], [[], []]);
  });
}

test("run() ends though the program left something open", async () => {
  using result = await tell("leaveOpen", "write");
  assert.equal(result.exitCode, 0);
});

test("SIGTERM aborts the signal, and counts as stopped", async () => {
  const stop = new AbortController();
  const onLog = (text: string) => text.includes("waiting") && stop.abort();
  using result = await runModule(worker, {
    event: { data: { steps: ["wait"] } },
    signal: stop.signal,
    onLog,
  });
  assert.equal(result.exitCode, 143);
  assert.match(result.log, /the module was told to stop\n$/);
});

test("runModule() kills a program after its timeout", async () => {
  using result = await runModule(worker, { event: { data: { steps: ["wait"] } }, timeout: 1 });
  assert.equal(result.exitCode, 137);
});

test("runModule() reads the original Ion's form", async () => {
  using result = await runModule(originalWorker, { event: { data: { steps: [] } } });
  const [event] = result.events;
  assert.deepEqual([event?.data, event?.files[0]?.path], [{ width: 3 }, "a.txt"]);
  assert.deepEqual(result.insight, { source: "original" });
});

test("runModule() refuses what a commit would refuse", async () => {
  await assert.rejects(tell("emitWithoutFile"), {
    message: "out/events/00000.json would be refused: there is no file 'never-written.txt' in out/data",
  });
  await assert.rejects(runModule(undeclaredWorker, { event: { data: { steps: [] } } }), {
    message: "out/events/0.json would be refused: module 'worker' has no 'other' in its 'emits'",
  });
});

test("leaving the scope of a result removes its workspace", async () => {
  let file: string | undefined;
  {
    using result = await tell("write");
    file = result.files[0]?.file;
    assert.ok(file !== undefined && existsSync(file));
  }
  assert.ok(!existsSync(file));
});
