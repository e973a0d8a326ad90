import { resolve } from "node:path";
import type { FlowInput, JsonObject, Module } from "../../runtime/contract/index.ts";
import { type Config, readConfig } from "./config.ts";
import { PermanentError } from "./errors.ts";
import { type IncomingEvent, readEvent, readFlow } from "./event.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import { type Emit, type FileContent, openOutputs } from "./outputs.ts";
import { progressWriter } from "./progress.ts";

/** One module handling one event: all that its program is given. */
export interface Execution<M extends Module> {
  /** The event; `event.data` has the type that the declaration's `on` says. */
  readonly event: IncomingEvent<M>;
  /** The files that came with the event, as paths on disk. */
  readonly inputs: Inputs;
  /** Where to write a file that is kept, such as `"pages/1.png"`: an absolute path whose folder exists. */
  output(path: string): string;
  /** Writes a file that is kept, from memory or a stream. Returns its path. */
  writeFile(path: string, content: FileContent): Promise<string>;
  /** Writes an event. Data and files are checked again when the execution commits. */
  readonly emit: Emit<M>;
  /** Adds values that people can query; they are passed to no module. */
  insight(values: JsonObject): void;
  /** Shows how far the execution is: a fraction from 0 to 1, and a few words. */
  progress(fraction: number, message?: string): void;
  /** The settings of the declaration's `config` and `secrets`. */
  readonly config: Config;
  /** The whole tree of a flow that has ended; only for `ion.flow_completed`. Every `local` path is absolute. */
  flow(): Promise<FlowInput>;
  /** The same on every attempt: the key to make effects outside Ion happen once. */
  readonly executionId: string;
  /** 1 on the first. */
  readonly attempt: number;
  /** Aborts when the execution must stop: its time is over or it was cancelled. Ten seconds later it is killed. */
  readonly signal: AbortSignal;
}

type Environment = Readonly<Record<string, string | undefined>>;

async function openExecution<M extends Module>(
  module: M,
  environment: Environment,
  signal: AbortSignal,
): Promise<Execution<M>> {
  const folder = resolve(environment.ION_DIR ?? environment.HANDLER_BASE_DIR ?? "/ion");
  return {
    event: await readEvent(module, folder),
    inputs: readInputs(folder),
    ...openOutputs(module, folder),
    progress: progressWriter((line) => console.log(line)),
    config: readConfig(environment, module.spec.config),
    flow: () => readFlow(folder),
    executionId: environment.ION_EXECUTION_ID ?? "",
    attempt: Number(environment.ION_ATTEMPT ?? 1),
    signal,
  };
}

/** 128 + SIGTERM, as a shell says it: stopping is no fault of the input. */
const stopped = 143;

/** Says on one line why the execution failed: it is the line that a trace shows. */
function report(thrown: unknown, signal: AbortSignal): number {
  if (thrown instanceof PermanentError) {
    console.error(thrown.message.replaceAll(/\s*\n\s*/g, " "));
    return thrown.exitCode;
  }
  if (signal.aborted) {
    console.error("stopped before it was done");
    return stopped;
  }
  console.error(thrown);
  return 1;
}

const flush = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => stream.write("", () => resolve()));

/**
 * Runs a module's program on the event of its workspace, then ends the process: with exit code 0 when
 * the handler has returned; with the code of a `PermanentError`, which is not retried; with 1 on any
 * other error, which is; with 143 when it was stopped. Nothing is kept of an execution that fails.
 *
 * @param module the declaration: it types `event` and `emit`
 * @example
 * ```ts
 * await run(thumbnails, async ({ inputs, output, emit, insight }) => {
 *   const small = output("small.png");
 *   await shrink(inputs.one(), small);
 *   emit(thumbnailMade, { width: 320 }, { files: [small] });
 *   insight({ shrunkBy: 4 });
 * });
 * ```
 */
export async function run<const M extends Module>(
  module: M,
  handle: (execution: Execution<M>) => Promise<void> | void,
): Promise<never> {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
  let exitCode = 0;
  try {
    await handle(await openExecution(module, process.env, stop.signal));
  } catch (thrown) {
    exitCode = report(thrown, stop.signal);
  }
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  // A handle that the program forgot to close must not keep a finished execution alive.
  process.exit(exitCode);
}
