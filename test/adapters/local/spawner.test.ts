import assert from "node:assert/strict";
import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../../runtime/adapters/local/program.ts";
import { type Spawner, spawner } from "../../../runtime/adapters/local/spawner.ts";
import { hasCode } from "../../../runtime/contract/errors.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const waiting = fileURLToPath(new URL("./spawn-and-wait.ts", import.meta.url));
const environment = { PATH: process.env.PATH ?? "" };

/** Runs a shell script from a spawner, and says what it printed. */
async function run({ start }: Spawner, script: string, onStart = (_group: number) => {}) {
  const printed = { stdout: "", stderr: "" };
  const end = await runProgram({
    command: ["/bin/sh", "-c", script],
    folder: "/",
    environment,
    timeoutMilliseconds: 60_000,
    graceMilliseconds: 1_000,
    signal: new AbortController().signal,
    onStart,
    onOutput: (chunk, stream) => {
      printed[stream] += chunk.toString();
    },
    start,
  });
  return { end, ...printed };
}

/** A named pipe, and when nobody holds it open for writing any more. */
function watchHolder(t: TestContext): { pipe: string; ended: Promise<unknown> } {
  const pipe = join(temporaryFolder(t), "pipe");
  execFileSync("mkfifo", [pipe]);
  return { pipe, ended: once(createReadStream(pipe).resume(), "end") };
}

/** The process that has started a program. */
async function findParent(starter: Spawner): Promise<number> {
  return Number((await run(starter, "echo $PPID")).stdout);
}

describe("spawner()", () => {
  it("starts programs from a process that is not this one", async (t) => {
    const starter = spawner();
    t.after(starter.stop);
    assert.notEqual(await findParent(starter), process.pid);
  });

  it("hands over all output of both streams, and the exit code", async (t) => {
    const starter = spawner();
    t.after(starter.stop);
    const lines = 200_000;
    const { end, stdout, stderr } = await run(starter, `seq ${lines}; echo done >&2; exit 7`);
    assert.deepEqual(end, { kind: "exit", code: 7 });
    assert.equal(stdout.split("\n").length, lines + 1);
    assert.equal(stderr, "done\n");
  });

  it("says why there is no program to start", async (t) => {
    const starter = spawner();
    t.after(starter.stop);
    const start = starter.start({
      command: ["/no/such/program"],
      folder: "/",
      environment,
      onOutput: () => {},
    });
    await assert.rejects(start, { code: "ENOENT" });
  });

  it("that dies takes its programs along, and the next start has another", async (t) => {
    const starter = spawner();
    t.after(starter.stop);
    const first = await findParent(starter);
    const { pipe, ended } = watchHolder(t);
    const lost = run(starter, `exec sleep 600 > ${pipe}`, () => process.kill(first, "SIGKILL"));
    await assert.rejects(lost, (thrown) => hasCode(thrown, "unavailable"));
    await ended;
    assert.notEqual(await findParent(starter), first);
  });

  it("ends its programs when the process it works for is killed", async (t) => {
    const { pipe, ended } = watchHolder(t);
    const child = fork(waiting, [pipe], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    await once(child, "message");
    child.kill("SIGKILL");
    await ended;
  });
});
