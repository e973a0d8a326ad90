import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { processExecutor } from "../../../runtime/adapters/local/process-executor.ts";
import { seconds } from "../../../runtime/contract/duration.ts";
import { IonError } from "../../../runtime/contract/errors.ts";
import { workspaceFolders } from "../../../runtime/contract/workspace.ts";
import { attemptOf, watchAll } from "../../ports/executor-suite.ts";
import { failureOf, folder, options, run, shell } from "./run-module.ts";

describe("processExecutor(): prepare and commit", () => {
  const failing = (code: "invalid" | "unavailable" | "conflict") => async () => {
    throw new IonError(code, "a clear message");
  };

  test("failures are told apart by where they come from and whether they last", async () => {
    const cases = [
      [{ prepare: failing("invalid") }, "input-missing", true],
      [{ prepare: failing("unavailable") }, "input-missing", false],
      [{ commit: failing("invalid") }, "invalid-output", true],
      [{ commit: failing("unavailable") }, "commit-failed", false],
      [{ commit: failing("conflict") }, "commit-failed", false],
    ] as const;
    for (const [changes, code, permanent] of cases) {
      const failure = failureOf(await run(shell("exit 0"), changes));
      assert.deepEqual(failure, { code, message: "a clear message", permanent });
    }
  });

  test("cancel() tells a commit, which counts when it is done all the same", async () => {
    for (const gives of [true, false]) {
      const commit = (_attempt: unknown, _workspace: string, signal: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          signal.addEventListener("abort", () =>
            gives ? resolve() : reject(new IonError("unavailable", "given up")),
          );
        });
      const executor = processExecutor({ ...options, commit });
      const watcher = watchAll(executor);
      const attempt = attemptOf(shell("exit 0"));
      await executor.submit(attempt);
      await watcher.reached(attempt.key, "committing");
      await executor.cancel(attempt.key);
      assert.equal((await watcher.end(attempt.key)).state, gives ? "succeeded" : "lost");
      await watcher.close();
    }
  });

  test("the next program starts while a run commits", async () => {
    const gate = Promise.withResolvers<void>();
    let commits = 0;
    const commit = () => {
      commits += 1;
      return gate.promise;
    };
    const executor = processExecutor({ ...options, parallel: 1, commit });
    const watcher = watchAll(executor);
    const [first, second] = [attemptOf(shell("exit 0")), attemptOf(shell("exit 0"))];
    await executor.submit(first);
    await executor.submit(second);
    await watcher.reached(second.key, "committing");
    assert.equal(commits, 2);
    gate.resolve();
    await Promise.all([watcher.end(first.key), watcher.end(second.key)]);
    await watcher.close();
  });

  test("the workspace goes with the run", async () => {
    await run(shell(`mkdir -p "$ION_DIR/out/data"; echo x > "$ION_DIR/out/data/x"`));
    await run(shell(`mkdir "$ION_DIR/many"; cd "$ION_DIR/many"; touch $(seq 200)`));
    assert.deepEqual(readdirSync(join(folder, "work")), []);
  });

  test("a recycled workspace holds its folders and nothing of the run before", async () => {
    const outside = join(folder, "outside");
    writeFileSync(outside, "stays");
    const found: string[][] = [];
    const prepare = async (_attempt: unknown, workspace: string) => {
      found.push(
        existsSync(workspace) ? readdirSync(workspace, { recursive: true }).map(String).toSorted() : [],
      );
      for (const each of ["", ...workspaceFolders]) mkdirSync(join(workspace, each), { recursive: true });
    };
    const executor = processExecutor({ ...options, prepare, parallel: 1, recycleWorkspaces: true });
    const watcher = watchAll(executor);
    const scripts = [
      `cd "$ION_DIR/out"; echo x > x; mkdir -p data/a/b; echo y > data/a/b/y; ln -s ${outside} events/link`,
      `chmod 700 "$ION_DIR/out/data"`,
      `rm -r "$ION_DIR/out"; ln -s ${folder} "$ION_DIR/out"`,
      "exit 0",
    ];
    for (const script of scripts) {
      const attempt = attemptOf(shell(script));
      await executor.submit(attempt);
      await watcher.end(attempt.key);
      await new Promise(setImmediate);
    }
    await watcher.close();
    await executor.stop(seconds(10));
    assert.deepEqual(found, [[], workspaceFolders.toSorted(), [], []]);
    assert.equal(readFileSync(outside, "utf8"), "stays");
  });

  test("a key that is not its attempt's is refused", async () => {
    const attempt = { ...attemptOf(shell("exit 0")), executionId: "../../elsewhere" };
    await assert.rejects(processExecutor(options).submit(attempt), { name: "IonError", code: "invalid" });
  });
});

describe("processExecutor(): stop()", () => {
  test("cancels what runs and waits, kills what doesn't end in time, and takes nothing more", async () => {
    const executor = processExecutor({ ...options, parallel: 1, graceMilliseconds: 60_000 });
    const watcher = watchAll(executor);
    const stubborn = attemptOf(shell(`trap '' TERM; echo '::progress 0'; while :; do sleep 600; done`));
    const waiting = attemptOf(shell("exit 0"));
    await executor.submit(stubborn);
    await executor.submit(waiting);
    await watcher.reached(stubborn.key, "progress");
    await executor.stop(seconds(0.2));
    assert.equal((await watcher.end(stubborn.key)).state, "lost");
    assert.equal((await watcher.end(waiting.key)).state, "lost");
    await assert.rejects(executor.submit(attemptOf(shell("exit 0"))), { code: "unavailable" });
    await watcher.close();
  });
});
