import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { memoryExecutor } from "../../runtime/adapters/memory/executor.ts";
import { documentId, type ExecutionDocument, type Failure } from "../../runtime/contract/documents.ts";
import { hours } from "../../runtime/contract/duration.ts";
import { IonError } from "../../runtime/contract/errors.ts";
import { derivedIds } from "../../runtime/contract/ids.ts";
import {
  type Dispatcher,
  type DispatcherOptions,
  startDispatcher,
} from "../../runtime/dispatcher/dispatcher.ts";
import { replayDeadLetter } from "../../runtime/dispatcher/replay.ts";
import { completeFlow } from "../../runtime/job/completion.ts";
import { relay } from "../../runtime/job/relay.ts";
import type { DeadLetter } from "../../runtime/ports/bus.ts";
import type { Attempt, EndTransition, Executor } from "../../runtime/ports/executor.ts";
import {
  getModule,
  type MemoryPlatform,
  memoryPlatform,
  type PlatformOptions,
  recordingLog,
} from "../job/memory-platform.ts";
import type { Workspace } from "../job/workspace.ts";

export const crash: Failure = {
  code: "exit-code",
  message: "exit 1: no moov",
  permanent: false,
  exitCode: 1,
};
export const misuse: Failure = { ...crash, message: "exit 64: bad input", permanent: true, exitCode: 64 };

type WithoutKey<T> = T extends { readonly key: string } ? Omit<T, "key"> : never;
type Outcome = WithoutKey<EndTransition>;

/** A run that waits for the test to say how it ends. */
export interface Run {
  readonly attempt: Attempt;
  readonly signal: AbortSignal;
  /** Commits what the module wrote, then ends. */
  succeed(write?: (workspace: Workspace) => void): Promise<void>;
  fail(failure?: Failure): void;
  lose(): void;
}

/** Waits until something is so; the time that passes is the computer's, never the clock's. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const late = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > late) assert.fail(`it never was so: ${what}`);
    await turn();
  }
}

/** Lets everything happen that can happen without the clock. */
export async function quiet(): Promise<void> {
  for (let turns = 0; turns < 30; turns += 1) await turn();
}

export interface House {
  readonly platform: MemoryPlatform;
  readonly executor: Executor;
  /** Every run that was begun, in order. */
  readonly runs: Run[];
  readonly log: ReturnType<typeof recordingLog>;
  start(module?: string, changes?: Partial<DispatcherOptions>): Promise<Dispatcher>;
  /** Waits for the n-th run, from 1. */
  run(number: number): Promise<Run>;
  execution(flow: string, module?: string): Promise<ExecutionDocument>;
  /** Whether nothing of a subscription is left, dead letters aside. */
  isDone(module?: string): Promise<boolean>;
  deadLetters(module?: string): Promise<readonly DeadLetter[]>;
  replay(letter: DeadLetter): Promise<void>;
  /** Lets the clock run until something is so; says how long that took, in milliseconds. */
  pass(condition: () => boolean | Promise<boolean>, what: string): Promise<number>;
  passUntilRun(number: number): Promise<number>;
}

/** An executor whose runs are the test's to end. */
export function scriptedExecutor(platform: MemoryPlatform, runs: Run[]): Executor {
  return memoryExecutor({
    run: (attempt, signal) => {
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      signal.addEventListener("abort", () => resolve({ state: "lost", reason: "it was cancelled" }));
      runs.push({
        attempt,
        signal,
        async succeed(write) {
          await platform.commit(attempt, write);
          resolve({ state: "succeeded" });
        },
        fail: (failure = crash) => resolve({ state: "failed", failure }),
        lose: () => resolve({ state: "lost", reason: "its node went away" }),
      });
      return promise;
    },
  });
}

const subscriptionOf = (module: string) => ({ topic: getModule(module).on[0]?.type ?? "", module });

/** Dispatchers on memory adapters, with runs that end when the test says so. Stops what was started when the test ends. */
export async function openHouse(options: PlatformOptions = {}): Promise<House & AsyncDisposable> {
  const platform = await memoryPlatform(options);
  const { context, clock, bus } = platform;
  const runs: Run[] = [];
  const executor = scriptedExecutor(platform, runs);
  const log = recordingLog();
  const started: Dispatcher[] = [];
  const getRun = (number: number): Run => {
    const found = runs[number - 1];
    assert.ok(found, `run ${number} has begun`);
    return found;
  };
  async function pass(condition: () => boolean | Promise<boolean>, what: string): Promise<number> {
    const start = clock.now();
    await until(async () => {
      await quiet();
      if (await condition()) return true;
      clock.advance(100);
      return false;
    }, what);
    return clock.now() - start;
  }
  return {
    platform,
    executor,
    runs,
    log,
    async start(module = "splitter", changes = {}) {
      const dispatcher = await startDispatcher({
        ...context,
        module: getModule(module),
        version: "v1",
        executor,
        log,
        concurrency: 10,
        random: () => 1,
        relay: (commit) => relay(context, commit),
        completeFlow: (flow) => completeFlow(context, flow),
        ...changes,
      });
      started.push(dispatcher);
      return dispatcher;
    },
    async run(number) {
      await until(() => runs.length >= number, `run ${number} has begun`);
      return getRun(number);
    },
    async execution(flow, module = "splitter") {
      const id = documentId.execution(derivedIds.execution(module, flow));
      const stored = await platform.documents.find("execution", flow, id);
      if (stored === undefined) throw new IonError("not-found", `flow '${flow}' has no '${id}'`);
      return stored.document;
    },
    async isDone(module = "splitter") {
      const { waiting, locked, scheduled } = await bus.depth(subscriptionOf(module));
      return waiting + locked + scheduled === 0;
    },
    deadLetters: async (module = "splitter") => (await bus.deadLetters(subscriptionOf(module)).list()).items,
    replay: (letter) => replayDeadLetter({ ...context }, letter),
    pass,
    passUntilRun: (number) => pass(() => runs.length >= number, `run ${number} has begun after a while`),
    async [Symbol.asyncDispose]() {
      // Not waited for: a dispatcher that doesn't stop is a failure of its own case, not of all that follow.
      for (const dispatcher of started) dispatcher.stop(hours(0)).catch(() => {});
      await quiet();
    },
  };
}
