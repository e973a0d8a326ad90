import { join, resolve } from "node:path";
import type { Module } from "ion";
import { workspacePaths } from "../../runtime/contract/workspace.ts";
import { openConfig } from "./config.ts";
import type { Context } from "./context.ts";
import { messageOf, PermanentError } from "./errors.ts";
import { readEvent, readFlow } from "./event.ts";
import { openInputs } from "./inputs.ts";
import { openOutputs } from "./outputs.ts";
import { progressWriter } from "./progress.ts";

/** What a module does with one event. */
export type Handler<M extends Module> = (context: Context<M>) => Promise<void> | void;

/** 128 + SIGTERM, as a shell says it: being stopped is no fault of the input. */
const stoppedExitCode = 143;

async function openContext<M extends Module>(
  module: M | M["name"],
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Context<M>> {
  const root = resolve(environment.ION_DIR ?? "/ion");
  return {
    event: await readEvent<M>(root, module),
    inputs: openInputs(join(root, workspacePaths.inputFiles)),
    ...openOutputs<M>(root),
    progress: progressWriter((line) => console.log(line)),
    config: openConfig(environment),
    flow: () => readFlow(root),
    executionId: environment.ION_EXECUTION_ID ?? "",
    attempt: Number(environment.ION_ATTEMPT ?? 1),
    signal,
  };
}

/** Says why the module failed, the reason last, where a trace looks for it. */
function report(thrown: unknown, signal: AbortSignal): number {
  if (!(thrown instanceof PermanentError) && !signal.aborted) console.error(thrown);
  console.error(messageOf(thrown));
  if (thrown instanceof PermanentError) return thrown.exitCode;
  return signal.aborted ? stoppedExitCode : 1;
}

const flush = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((done) => stream.write("", () => done()));

/**
 * Runs a module's program on the event of its workspace, then ends the process: with 0 when the
 * handler has returned, with the code of a `PermanentError` (not retried), with 1 on any other error
 * (retried), with 143 when it was stopped. Nothing is kept of an execution that fails.
 *
 * Given the module's name instead of its declaration, the program needs no declaration at run time
 * (`run<typeof thumbnails>("thumbnails", ...)` with `import type`): it starts in half the time, since
 * the schema library stays unloaded.
 *
 * @example
 * ```ts
 * await run(thumbnails, async ({ inputs, output, emit, insight, signal }) => {
 *   const small = output("small.png");
 *   await shrink(inputs.one(), small, { signal });
 *   emit(thumbnailMade, { width: 320 }, { files: [small] });
 *   insight({ width: 320 });
 * });
 * ```
 */
export function run<M extends Module>(module: M, handle: Handler<M>): Promise<never>;
export function run<M extends Module = never>(name: NoInfer<M["name"]>, handle: Handler<M>): Promise<never>;
export async function run<M extends Module>(module: M | M["name"], handle: Handler<M>): Promise<never> {
  const stop = new AbortController();
  process.once("SIGTERM", () => stop.abort(new Error("the module was told to stop")));
  let exitCode = 0;
  try {
    await handle(await openContext<M>(module, process.env, stop.signal));
  } catch (thrown) {
    exitCode = report(thrown, stop.signal);
  }
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  // What the handler left open (a kept-alive socket, a worker) must not hold an execution that has ended.
  process.exit(exitCode);
}
