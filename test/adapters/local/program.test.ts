import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { endOrphans } from "../../../runtime/adapters/local/orphans.ts";
import { processExecutor } from "../../../runtime/adapters/local/process-executor.ts";
import { attemptOf, moduleWith, watchAll } from "../../ports/executor-suite.ts";
import { failureOf, folder, nodeProgram, options, run, shell } from "./run-module.ts";

function isGone(id: number): boolean {
  try {
    process.kill(id, 0);
    // A zombie has ended; whether it is reaped is the init process's business.
    return process.platform === "linux" && / Z /.test(readFileSync(`/proc/${id}/stat`, "utf8"));
  } catch {
    return true;
  }
}

describe("processExecutor(): the program", () => {
  test("gets an environment of declared values only", async () => {
    const module = nodeProgram("console.log(JSON.stringify(process.env))", {
      config: { QUALITY: "high" },
      secrets: { TOKEN: { name: "TEAM_TOKEN" } },
    });
    const attempt = attemptOf(module);
    const ran = await run(module, {
      environment: { PATH: process.env.PATH, HOME: undefined },
      secrets: (name) => (name === "TEAM_TOKEN" ? "s3cret" : undefined),
    });
    const found: Record<string, string> = JSON.parse(ran.log);
    const executionId = found.ION_EXECUTION_ID ?? "";
    const workspace = join(folder, "work", executionId, "a1");
    assert.deepEqual(found, {
      QUALITY: "high",
      TOKEN: "s3cret",
      PATH: process.env.PATH,
      ION_DIR: workspace,
      HANDLER_BASE_DIR: workspace,
      ION_EXECUTION_ID: executionId,
      ION_ATTEMPT: "1",
      ION_MODULE: "suite",
      ION_CORRELATION_ID: attempt.event.correlationid,
      ION_EVENT_ID: attempt.event.id,
    });
  });

  test("doesn't start without its secrets, and no value is told", async () => {
    const module = shell("exit 0", { secrets: { A: { name: "THERE" }, B: { name: "MISSING" } } });
    const failure = failureOf(
      await run(module, { secrets: (name) => (name === "THERE" ? "s3cret" : undefined) }),
    );
    assert.partialDeepStrictEqual(failure, { code: "start-failed", permanent: true });
    assert.match(failure.message, /'MISSING'/);
    assert.doesNotMatch(failure.message, /s3cret/);
  });

  test("starts in the project's folder, or in one below it", async () => {
    mkdirSync(join(folder, "below"));
    assert.equal((await run(shell("pwd -P"))).log.trim(), folder);
    const below = shell("pwd -P", { executor: { kind: "process", workingDirectory: "below" } });
    assert.equal((await run(below)).log.trim(), join(folder, "below"));
  });

  test("is the runtime's own Node when the command is node", async () => {
    const ran = await run(nodeProgram("console.log(process.execPath)"), { environment: {} });
    assert.equal(ran.log.trim(), process.execPath);
  });

  test("that doesn't exist fails for good, by name", async () => {
    const failure = failureOf(await run(moduleWith(["no-such-program"])));
    assert.partialDeepStrictEqual(failure, { code: "start-failed", permanent: true });
    assert.match(failure.message, /'no-such-program'/);
    const nowhere = shell("", { executor: { kind: "process", workingDirectory: "nowhere" } });
    assert.match(failureOf(await run(nowhere)).message, /folder '.*nowhere' is not there/);
  });

  test("fails for good with sysexits and declared codes only", async () => {
    const retry = { attempts: 3, minDelayMilliseconds: 1, maxDelayMilliseconds: 1, permanentExitCodes: [9] };
    const expected = { 1: false, 9: true, 63: false, 64: true, 78: true, 79: false, 255: false };
    for (const [code, permanent] of Object.entries(expected)) {
      const failure = failureOf(await run(shell(`exit ${code}`, { retry })));
      assert.deepEqual(failure, {
        code: "exit-code",
        message: `exit ${code}, and it printed nothing`,
        permanent,
        exitCode: Number(code),
      });
    }
  });

  test("that fails is quoted with its last line", async () => {
    const said = await run(shell("echo starting; echo 'film.mov: moov atom not found' >&2; echo; exit 1"));
    assert.equal(failureOf(said).message, "exit 1: film.mov: moov atom not found");
    const long = await run(shell(`printf '%0.sx' $(seq 400); exit 1`));
    assert.equal(failureOf(long).message, `exit 1: ${"x".repeat(300)}`);
    const thrown = await run(
      nodeProgram("throw Object.assign(new Error('no such film'), { code: 'EFILM' })"),
    );
    assert.equal(failureOf(thrown).message, "exit 1: Error: no such film");
  });

  test("that a signal ends has failed, not for good", async () => {
    const failure = failureOf(await run(shell("echo bye; kill -KILL $$")));
    assert.deepEqual(failure, { code: "signal", message: "ended by SIGKILL: bye", permanent: false });
  });

  test("reports progress on lines of its own", async () => {
    const script = `echo '::progress 0.5 half done'; printf '::progr'; printf 'ess 1\\n'; echo ' ::progress 2'; echo '::progress x'; echo '::progress 0.7' >&2`;
    const { transitions } = await run(shell(script));
    assert.deepEqual(
      transitions.flatMap((each) => (each.state === "progress" ? [[each.fraction, each.message]] : [])),
      [
        [0.5, "half done"],
        [1, ""],
      ],
    );
  });
});

describe("processExecutor(): its process group", () => {
  test("ends with the program, grandchildren too, before the commit", async () => {
    let grandchild = 0;
    const commit = async (_attempt: unknown, workspace: string) => {
      grandchild = Number(readFileSync(join(workspace, "id"), "utf8"));
      assert.ok(isGone(grandchild), "nothing writes to the workspace any more");
    };
    const script = `sh -c 'trap "" TERM HUP; sleep 600 & echo $! > "$ION_DIR/id"; wait' & until [ -s "$ION_DIR/id" ]; do :; done`;
    const ran = await run(shell(script), { commit });
    assert.equal(ran.end.state, "succeeded");
    assert.notEqual(grandchild, 0);
  });

  test("ends with the timeout, though it ignores SIGTERM", async () => {
    const script = `trap '' TERM; echo $$; sleep 600 & wait; sleep 600`;
    const ran = await run(shell(script, { timeoutMilliseconds: 1_000 }));
    const failure = failureOf(ran);
    assert.partialDeepStrictEqual(failure, { code: "timeout", permanent: false });
    assert.match(failure.message, /^ran longer than 1 s/);
    assert.ok(isGone(Number(ran.log.trim())));
  });

  test("may end in peace after SIGTERM", async () => {
    const script = `trap 'echo cleaned up; exit 0' TERM; echo ready; while :; do sleep 0.01; done`;
    const ran = await run(shell(script, { timeoutMilliseconds: 1_000 }), { graceMilliseconds: 10_000 });
    assert.equal(failureOf(ran).code, "timeout");
    assert.ok(ran.log.endsWith("cleaned up\n"), ran.log);
  });

  test("doesn't hold the run up when a process has left it with the output open", async () => {
    const leaver = `require("node:child_process").spawn("sleep", ["600"], { detached: true, stdio: ["ignore", "inherit", "inherit"] }).unref()`;
    const ran = await run(nodeProgram(leaver));
    assert.equal(ran.end.state, "succeeded");
    assert.equal(await endOrphans(folder), 1);
  });
});

describe("processExecutor(): logs", () => {
  test("keep their first and last part within the limit", async () => {
    const script = `for (let i = 0; i < 2000; i++) console.log("line " + i)`;
    const { log } = await run(nodeProgram(script), { logLimitBytes: 2_000 });
    assert.ok(log.startsWith("line 0\nline 1\n"));
    assert.match(log, /\n\[16\.\d KiB cut here: the log's limit is 2\.0 KiB\]\n/);
    assert.ok(log.endsWith("line 1998\nline 1999\n"));
    assert.ok(log.length < 2_100);
  });

  test("are whole up to the limit", async () => {
    const { log } = await run(nodeProgram(`process.stdout.write("x".repeat(2000))`), {
      logLimitBytes: 2_000,
    });
    assert.equal(log, "x".repeat(2_000));
  });

  test("outlive the executor", async () => {
    const executor = processExecutor(options);
    const watcher = watchAll(executor);
    const attempt = attemptOf(shell("echo kept"));
    await executor.submit(attempt);
    await watcher.end(attempt.key);
    await watcher.close();
    assert.equal(await text(await processExecutor(options).logs(attempt.key)), "kept\n");
  });
});
