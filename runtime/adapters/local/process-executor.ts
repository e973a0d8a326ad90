import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { Duration } from "../../contract/duration.ts";
import { IonError } from "../../contract/errors.ts";
import { fileError, findSystemErrorCode } from "../../contract/file-error.ts";
import { attemptKey, isId } from "../../contract/ids.ts";
import type { Attempt, Executor } from "../../ports/executor.ts";
import { type RunContext, runQueue } from "../../ports/run-queue.ts";
import { findLogPath, logPath } from "./log-file.ts";
import { signalGroup } from "./process-group.ts";
import { type ProcessRunOptions, performRun } from "./process-run.ts";
import { spawner } from "./spawner.ts";
import { workspaces } from "./workspaces.ts";

export interface ProcessExecutorOptions extends ProcessRunOptions {
  /** The data folder: workspaces are in its folder `work`, logs in `logs`. */
  readonly folder: string;
  /** Programs at once; the runs behind them wait in the order they came. */
  readonly parallel: number;
  /**
   * Whether a workspace is emptied and used again. `prepare` may then find it there, with the
   * folders of `workspaceFolders` and nothing else in it. @default false
   */
  readonly recycleWorkspaces?: boolean;
}

/** How long killed programs are waited for: the system may hold one that it can't end at once. */
const killedWithinMilliseconds = 1_000;

/** An executor whose programs are children of this process. */
export interface ProcessExecutor extends Executor {
  /** Takes no run any more and cancels those there are; programs that still run after the time are killed, and waited for. */
  stop(within: Duration): Promise<void>;
}

function requireKey({ key, executionId, attempt }: Attempt): void {
  if (isId(executionId) && key === attemptKey(executionId, attempt)) return;
  throw new IonError(
    "invalid",
    `cannot run '${key}': a key is an execution's id and attempt, here '${executionId}' and ${attempt}`,
  );
}

async function openLog(path: string | undefined, key: string, isKnown: boolean): Promise<Readable> {
  try {
    if (path !== undefined) return (await open(path)).createReadStream();
  } catch (thrown) {
    if (findSystemErrorCode(thrown) !== "ENOENT") throw fileError(`read the log of attempt '${key}'`, thrown);
  }
  // A run that printed nothing has no file.
  if (isKnown) return Readable.from([], { objectMode: false });
  throw new IonError("not-found", `there is no log of attempt '${key}'`);
}

/**
 * Runs modules' programs as processes, started by a small one. Nothing of it survives this process but logs: `endOrphans()` clears up after a crash.
 *
 * Besides what the port says, `submit` throws `invalid` when a key is not its attempt's.
 */
export function processExecutor(options: ProcessExecutorOptions): ProcessExecutor {
  const { folder } = options;
  const groups = new Set<number>();
  const starter = spawner();
  const runOptions = { start: starter.start, ...options };
  const places = workspaces(folder, options.recycleWorkspaces ?? false);

  const perform = async (attempt: Attempt, context: RunContext) => {
    const workspace = places.take(attempt);
    try {
      const log = logPath(folder, attempt.key);
      const onGroup = (group: number, state: "started" | "ended") =>
        state === "started" ? groups.add(group) : groups.delete(group);
      return await performRun(attempt, { workspace, log, onGroup }, runOptions, context);
    } finally {
      places.giveBack(workspace);
    }
  };
  const all = runQueue({ parallel: options.parallel, perform });

  async function stopRuns(within: Duration): Promise<void> {
    const timer = new AbortController();
    const late = delay(within.milliseconds, undefined, { signal: timer.signal }).catch(() => {});
    const closed = all.close().then(() => places.settle());
    await Promise.race([closed, late]);
    timer.abort();
    if (groups.size === 0) return;
    for (const group of groups) signalGroup(group, "SIGKILL");
    await Promise.race([closed, delay(killedWithinMilliseconds, undefined, { ref: false })]);
  }

  return {
    async submit(attempt) {
      requireKey(attempt);
      await all.submit(attempt);
    },
    watch: all.watch,
    list: all.list,
    cancel: all.cancel,
    logs: (key) => openLog(findLogPath(folder, key), key, all.has(key)),
    async stop(within) {
      try {
        await stopRuns(within);
      } finally {
        starter.stop();
      }
    },
  };
}
