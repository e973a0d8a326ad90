import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, type TestContext, test } from "node:test";
import type { FlowTrace } from "../../runtime/management/api.ts";
import { runIon, temporaryFolder } from "./command.ts";
import { makeGate } from "./gate.ts";
import { getExecution, startIon } from "./local-ion.ts";

/** A platform whose module waits at a gate, and how to start it again on the same folder. */
async function startGated(t: TestContext) {
  const folder = temporaryFolder(t);
  const data = join(folder, "data");
  const start = () => startIon(t, { pipeline: "gated", data, environment: { TMPDIR: folder } });
  const gates = [makeGate(folder, "gate-1"), makeGate(folder, "gate-2")] as const;
  return { data, start, gates, ion: await start() };
}

function assertEnded(trace: FlowTrace, attempts: readonly string[]): void {
  assert.deepEqual(trace.counts, { events: 2, running: 0, succeeded: 2, failed: 0, trailing: 0 });
  const waiter = getExecution(trace, "waiter");
  assert.deepEqual(
    waiter.attempts.map(({ outcome }) => outcome),
    attempts,
  );
  assert.equal(getExecution(trace, "last").state, "succeeded");
}

const local = (data: string, port = "0") => [
  "local",
  "--data",
  data,
  "--port",
  port,
  "--pipeline",
  "test/main/pipelines/gated.ts",
];

suite("ion local, stopped and started again", { concurrency: true }, () => {
  test("after SIGKILL it ends the orphaned program and completes the flow", async (t) => {
    const { ion, start, gates } = await startGated(t);
    const flow = await ion.submit("asked");
    await gates[0].arrival();
    await ion.kill();
    const again = await start();
    assert(await gates[0].isLeft(), "the program of the first life is gone");
    await gates[1].open();
    assertEnded(await again.end(flow), ["interrupted", "succeeded"]);
    assert.deepEqual((await again.client.listDeadLetters()).items, []);
    assert.equal(await again.stop(), 0);
  });

  test("after SIGTERM it finishes what runs, takes nothing new and exits with 0", async (t) => {
    const { ion, start, gates } = await startGated(t);
    const flow = await ion.submit("asked");
    await gates[0].arrival();
    const stopped = ion.stop();
    await ion.lines.next(/^stopping; once more to stop at once$/);
    await gates[0].open();
    assert.equal(await stopped, 0);
    assertEnded(await (await start()).end(flow), ["succeeded"]);
  });

  test("after SIGTERM it hands back what doesn't end within the bound", async (t) => {
    const { ion, start, gates } = await startGated(t);
    const flow = await ion.submit("asked");
    await gates[0].arrival();
    assert.equal(await ion.stop(), 0);
    assert(await gates[0].isLeft());
    const again = await start();
    await gates[1].open();
    assertEnded(await again.end(flow), ["interrupted", "succeeded"]);
    assert.deepEqual((await again.client.listDeadLetters()).items, []);
  });

  test("at a second SIGTERM it stops at once and exits with 130", async (t) => {
    const { ion, start, gates } = await startGated(t);
    const flow = await ion.submit("asked");
    await gates[0].arrival();
    const first = ion.stop();
    await ion.lines.next(/^stopping; once more to stop at once$/);
    assert.equal(await ion.stop(), 130);
    await first;
    assert(await gates[0].isLeft(), "no program outlives it");
    const again = await start();
    await gates[1].open();
    assertEnded(await again.end(flow), ["interrupted", "succeeded"]);
  });

  test("a second Ion on the folder is refused, and the first goes on", async (t) => {
    const { ion, data, gates } = await startGated(t);
    const flow = await ion.submit("asked");
    await gates[0].arrival();
    assert.deepEqual(await runIon(local(data)), {
      code: 2,
      stdout: "",
      stderr: `ion: cannot open '${join(data, "ion.db")}': another Ion runs on this data folder; stop it, or name another folder with --data\n`,
    });
    await gates[0].open();
    assertEnded(await ion.end(flow), ["succeeded"]);
  });

  test("a second Ion on the port is refused", async (t) => {
    const { ion } = await startGated(t);
    const { port } = new URL(ion.url);
    assert.deepEqual(await runIon(local(join(temporaryFolder(t), "data"), port)), {
      code: 2,
      stdout: "",
      stderr: `ion: port ${port} of 127.0.0.1 is taken: stop what has it, or name another with --port\n`,
    });
  });

  test("a data folder of another schema is refused", async (t) => {
    const { ion, data } = await startGated(t);
    assert.equal(await ion.stop(), 0);
    const database = new DatabaseSync(join(data, "ion.db"));
    database.exec("PRAGMA user_version = 99");
    database.close();
    const { code, stdout, stderr } = await runIon(local(data));
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
    assert.match(stderr, /^ion: cannot open '.*ion\.db': it has schema 99, this Ion reads \d+; use .*\n$/);
  });
});
