import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { firstEvent } from "../../runtime/contract/event.ts";
import { attemptKey, deriveId } from "../../runtime/contract/ids.ts";
import type { ModuleSpec } from "../../runtime/contract/module.ts";
import {
  type Attempt,
  type EndTransition,
  type Executor,
  isEnd,
  type Transition,
} from "../../runtime/ports/executor.ts";

/** What a run is to do in the suite. */
export type Task = "succeed" | "fail" | "print" | "wait";

/** An executor under test, and the module that makes it do a task. */
export interface ExecutorUnderTest {
  readonly executor: Executor;
  /** The command of a module whose run does the task; `wait` ends when it is cancelled only. */
  readonly commandOf: (task: Task) => ModuleSpec["command"];
  /** What the log of `print` must hold; absent where runs print nothing. */
  readonly printed?: string;
  /** Runs at once. */
  readonly parallel: number;
  readonly close: () => Promise<void>;
}

const event = firstEvent({
  id: deriveId("suite", "event"),
  type: "suite.event",
  time: "2026-01-01T00:00:00.000Z",
  data: {},
});

/** A module as plain data that runs a command. */
export function moduleWith(command: ModuleSpec["command"], changes: Partial<ModuleSpec> = {}): ModuleSpec {
  return {
    name: "suite",
    on: [{ type: event.type, filter: {} }],
    emits: [],
    joins: [],
    command,
    executor: { kind: "process" },
    timeoutMilliseconds: 60_000,
    retry: { attempts: 3, minDelayMilliseconds: 1, maxDelayMilliseconds: 1, permanentExitCodes: [] },
    scale: { min: 0, max: 1, targetQueueLength: 10 },
    config: {},
    secrets: {},
    limits: { bytes: 1e9, files: 100, events: 100 },
    retentionMilliseconds: 86_400_000,
    ...changes,
  };
}

let attempts = 0;

/** The first attempt of an execution of its own. */
export function attemptOf(module: ModuleSpec): Attempt {
  attempts += 1;
  const executionId = deriveId("suite", String(attempts));
  return {
    key: attemptKey(executionId, 1),
    executionId,
    attempt: 1,
    event,
    module,
    version: "1",
    executionStartedAt: 0,
    interruptions: 0,
    forgiven: 0,
  };
}

/** Collects transitions from now on. */
export function watchAll(executor: Executor) {
  const controller = new AbortController();
  const seen: Transition[] = [];
  const waiting = new Set<() => void>();
  const iterate = async () => {
    for await (const transition of executor.watch(controller.signal)) {
      seen.push(transition);
      for (const check of waiting) check();
    }
  };
  const ended = iterate();
  const until = <Found>(find: () => Found | undefined): Promise<Found> =>
    new Promise((resolve) => {
      const check = () => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  return {
    of: (key: string) => seen.filter((transition) => transition.key === key),
    reached: (key: string, state: Transition["state"]) =>
      until(() => seen.find((transition) => transition.key === key && transition.state === state)),
    end: (key: string): Promise<EndTransition> =>
      until(() => seen.filter(isEnd).find((transition) => transition.key === key)),
    async close() {
      controller.abort();
      await ended;
    },
  };
}

/** What every executor must do. */
export function executorSuite(name: string, make: () => Promise<ExecutorUnderTest>): void {
  describe(`${name} as Executor`, () => {
    let subject: ExecutorUnderTest;
    let executor: Executor;
    let watcher: ReturnType<typeof watchAll>;
    before(async () => {
      subject = await make();
      executor = subject.executor;
      watcher = watchAll(executor);
    });
    after(async () => {
      await watcher.close();
      await subject.close();
    });
    const attemptTo = (task: Task) => attemptOf(moduleWith(subject.commandOf(task)));
    const statesOf = (key: string) => watcher.of(key).map(({ state }) => state);
    const listKeys = async () => (await Array.fromAsync(executor.list())).map(({ key }) => key);

    test("a run goes through its transitions in order", async () => {
      const attempt = attemptTo("succeed");
      await executor.submit(attempt);
      await watcher.end(attempt.key);
      assert.deepEqual(statesOf(attempt.key), ["preparing", "running", "committing", "succeeded"]);
    });

    test("a run that fails says why and doesn't commit", async () => {
      const attempt = attemptTo("fail");
      await executor.submit(attempt);
      const end = await watcher.end(attempt.key);
      assert.ok(end.state === "failed");
      assert.partialDeepStrictEqual(end.failure, { code: "exit-code", exitCode: 3, permanent: false });
      assert.deepEqual(statesOf(attempt.key), ["preparing", "running", "failed"]);
    });

    test("the same key twice is one run, also when it has ended", async () => {
      const attempt = attemptTo("succeed");
      await Promise.all([executor.submit(attempt), executor.submit(attempt)]);
      await watcher.end(attempt.key);
      await executor.submit(attempt);
      const next = attemptTo("succeed");
      await executor.submit(next);
      await watcher.end(next.key);
      assert.equal(statesOf(attempt.key).filter((state) => state === "running").length, 1);
      assert.equal(statesOf(attempt.key).filter((state) => state === "succeeded").length, 1);
    });

    test("each watcher is told each end once, one that comes later too", async () => {
      const attempt = attemptTo("wait");
      await executor.submit(attempt);
      await watcher.reached(attempt.key, "running");
      const late = watchAll(executor);
      await executor.cancel(attempt.key);
      await Promise.all([watcher.end(attempt.key), late.end(attempt.key)]);
      const next = attemptTo("succeed");
      await executor.submit(next);
      await Promise.all([watcher.end(next.key), late.end(next.key)]);
      assert.equal(watcher.of(attempt.key).filter(isEnd).length, 1);
      assert.deepEqual(
        late.of(attempt.key).map(({ state }) => state),
        ["lost"],
      );
      await late.close();
    });

    test("watch() misses nothing between the call and the first item", async () => {
      const controller = new AbortController();
      const transitions = executor.watch(controller.signal);
      const attempt = attemptTo("succeed");
      await executor.submit(attempt);
      await watcher.end(attempt.key);
      for await (const transition of transitions) {
        assert.deepEqual(transition, { key: attempt.key, state: "preparing" });
        break;
      }
      controller.abort();
    });

    test("watch() ends when it is aborted", async () => {
      assert.deepEqual(await Array.fromAsync(executor.watch(AbortSignal.abort())), []);
    });

    test("list() gives the runs that have not ended", async () => {
      const attempt = attemptTo("wait");
      await executor.submit(attempt);
      await watcher.reached(attempt.key, "running");
      const { key, executionId } = attempt;
      assert.deepEqual(await Array.fromAsync(executor.list()), [{ key, executionId, attempt: 1 }]);
      await executor.cancel(key);
      assert.deepEqual(await listKeys(), []);
    });

    test("cancel() ends a run, which is then lost", async () => {
      const attempt = attemptTo("wait");
      await executor.submit(attempt);
      await watcher.reached(attempt.key, "running");
      await executor.cancel(attempt.key);
      assert.equal((await watcher.end(attempt.key)).state, "lost");
    });

    test("runs wait for their turn in order, and may be cancelled meanwhile", async () => {
      const running = Array.from({ length: subject.parallel }, () => attemptTo("wait"));
      const [first, dropped, last] = [attemptTo("succeed"), attemptTo("succeed"), attemptTo("succeed")];
      for (const attempt of [...running, first, dropped, last]) await executor.submit(attempt);
      for (const { key } of running) await watcher.reached(key, "running");
      assert.deepEqual(
        await listKeys(),
        [...running, first, dropped, last].map(({ key }) => key),
      );
      await executor.cancel(dropped.key);
      assert.deepEqual(watcher.of(first.key), []);
      for (const { key } of running) await executor.cancel(key);
      await Promise.all([watcher.end(first.key), watcher.end(last.key)]);
      assert.deepEqual(statesOf(dropped.key), ["lost"]);
      assert.equal(statesOf(last.key).at(-1), "succeeded");
    });

    test("cancel() of what has ended or never was does nothing", async () => {
      const attempt = attemptTo("succeed");
      await executor.submit(attempt);
      await watcher.end(attempt.key);
      await executor.cancel(attempt.key);
      await executor.cancel(attemptTo("succeed").key);
      assert.equal(watcher.of(attempt.key).filter(isEnd).length, 1);
    });

    test("logs() gives what a run printed, which may be nothing", async (context) => {
      const silent = attemptTo("succeed");
      await executor.submit(silent);
      await watcher.end(silent.key);
      assert.equal(await text(await executor.logs(silent.key)), "");
      if (subject.printed === undefined)
        return context.diagnostic("a function prints nothing: the rest is left out");
      const attempt = attemptTo("print");
      await executor.submit(attempt);
      await watcher.end(attempt.key);
      assert.equal(await text(await executor.logs(attempt.key)), subject.printed);
    });

    test("logs() doesn't find a run that never was", async () => {
      for (const key of [attemptTo("succeed").key, "../../etc/passwd", ""]) {
        await assert.rejects(executor.logs(key), { name: "IonError", code: "not-found" });
      }
    });
  });
}
