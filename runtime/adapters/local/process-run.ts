import { resolve } from "node:path";
import type { Failure, FailureCode } from "../../contract/documents.ts";
import { hasCode, IonError } from "../../contract/errors.ts";
import type { Attempt } from "../../ports/executor.ts";
import type { Outcome, RunContext } from "../../ports/run-queue.ts";
import { type LogFile, logFile } from "./log-file.ts";
import { type FindSecret, type MachineEnvironment, moduleEnvironment } from "./module-environment.ts";
import { runProgram } from "./program.ts";
import { findFailure } from "./program-failure.ts";
import { progressLines } from "./progress-lines.ts";
import type { StartProgram } from "./start-program.ts";

export interface ProcessRunOptions {
  /** Where modules' programs start, unless their declaration names a folder below it. */
  readonly projectFolder: string;
  /** Makes the workspace folder and brings the input into it. */
  readonly prepare: (attempt: Attempt, workspace: string, signal: AbortSignal) => Promise<void>;
  /** Commits what the module left in its workspace. `startedAt`: when the run began, in milliseconds since 1970. */
  readonly commit: (
    attempt: Attempt,
    workspace: string,
    signal: AbortSignal,
    times: { readonly startedAt: number },
  ) => Promise<void>;
  readonly environment: MachineEnvironment;
  readonly secrets: FindSecret;
  /** What is kept of a run's output. @default 10 MiB */
  readonly logLimitBytes?: number;
  /** Between SIGTERM and SIGKILL. @default 10,000 */
  readonly graceMilliseconds?: number;
  /** @default as children of this process */
  readonly start?: StartProgram;
}

/** Where one run happens. */
export interface RunPlace {
  /** Absolute. */
  readonly workspace: string;
  readonly log: string;
  /** Called with a process group once it runs, and again when it has ended. */
  readonly onGroup: (group: number, state: "started" | "ended") => void;
}

const defaultLogLimitBytes = 10 * 2 ** 20;
const defaultGraceMilliseconds = 10_000;

function failureOf(thrown: unknown, lasting: FailureCode, passing: FailureCode): Failure {
  const permanent = hasCode(thrown, "invalid", "limit", "denied", "not-found");
  return { code: permanent ? lasting : passing, message: IonError.from(thrown).message, permanent };
}

async function tryStep(
  step: () => Promise<void>,
  lasting: FailureCode,
  passing: FailureCode,
): Promise<Failure | undefined> {
  try {
    await step();
    return undefined;
  } catch (thrown) {
    return failureOf(thrown, lasting, passing);
  }
}

function startFolder({ module }: Attempt, projectFolder: string): string {
  const { executor } = module;
  return resolve(projectFolder, executor.kind === "process" ? (executor.workingDirectory ?? ".") : ".");
}

async function runLogged(
  attempt: Attempt,
  place: RunPlace,
  options: ProcessRunOptions,
  context: RunContext,
  log: LogFile,
): Promise<Failure | undefined> {
  const { module } = attempt;
  const folder = startFolder(attempt, options.projectFolder);
  const findLines = progressLines((progress) => context.tell({ state: "progress", ...progress }));
  let group: number | undefined;
  const end = await runProgram({
    command: module.command,
    folder,
    environment: moduleEnvironment(attempt, place.workspace, options.environment, options.secrets),
    timeoutMilliseconds: module.timeoutMilliseconds,
    graceMilliseconds: options.graceMilliseconds ?? defaultGraceMilliseconds,
    signal: context.signal,
    ...(options.start !== undefined && { start: options.start }),
    onStart(id) {
      group = id;
      place.onGroup(id, "started");
      context.tell({ state: "running" });
    },
    onOutput(chunk, stream) {
      log.write(chunk);
      if (stream === "stdout") findLines(chunk);
    },
  });
  if (group !== undefined) place.onGroup(group, "ended");
  return findFailure(module, folder, end, log.readTail());
}

async function runModule(
  attempt: Attempt,
  place: RunPlace,
  options: ProcessRunOptions,
  context: RunContext,
): Promise<Failure | undefined> {
  const log = logFile(place.log, options.logLimitBytes ?? defaultLogLimitBytes);
  try {
    return await runLogged(attempt, place, options, context, log);
  } catch (thrown) {
    // Not the module's fault: the attempt is lost.
    if (hasCode(thrown, "unavailable")) throw thrown;
    return failureOf(thrown, "start-failed", "start-failed");
  } finally {
    log.close();
  }
}

/** One run on this machine: prepare and commit in this process, the module's program as its child. */
export async function performRun(
  attempt: Attempt,
  place: RunPlace,
  options: ProcessRunOptions,
  context: RunContext,
): Promise<Outcome> {
  const { signal, tell } = context;
  const { workspace } = place;
  const times = { startedAt: Date.now() };
  tell({ state: "preparing" });
  const prepare = () => options.prepare(attempt, workspace, signal);
  let failure = await tryStep(prepare, "input-missing", "input-missing");
  if (failure === undefined && !signal.aborted) failure = await runModule(attempt, place, options, context);
  context.yieldSlot();
  if (failure !== undefined) return { state: "failed", failure };
  if (signal.aborted) return { state: "lost", reason: "the attempt was cancelled" };
  tell({ state: "committing" });
  const commit = () => options.commit(attempt, workspace, signal, times);
  failure = await tryStep(commit, "invalid-output", "commit-failed");
  return failure === undefined ? { state: "succeeded" } : { state: "failed", failure };
}
