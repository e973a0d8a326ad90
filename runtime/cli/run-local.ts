import { once } from "node:events";
import { relative } from "node:path";
import { cwd } from "node:process";
import type { CliContext } from "./context.ts";
import { countOf, formatDuration } from "./format.ts";
import type { LocalHandle, LocalListeners, LocalOptions } from "./local-platform.ts";
import { toPrintable } from "./text.ts";

function announce(handle: LocalHandle, { io }: CliContext): void {
  const folder = relative(cwd(), handle.dataFolder);
  const shown = folder === "" || folder.startsWith("..") ? handle.dataFolder : folder;
  const ready = formatDuration(handle.readyMilliseconds);
  io.stdout.write(`ready in ${ready} · gateway ${handle.gatewayUrl} · data ${shown}/\n`);
}

function makeListeners({ io }: CliContext): LocalListeners {
  return {
    reloaded: (modules) => {
      if (modules.length === 0) io.stdout.write("reloaded: the declarations are in order again\n");
      else
        io.stdout.write(
          `reloaded ${countOf(modules.length, "module")}: ${toPrintable(modules.join(", "))}\n`,
        );
    },
    reloadFailed: (problem) => {
      io.stderr.write(
        `ion: cannot reload the declarations: ${toPrintable(problem)}; the ones before stay in force\n`,
      );
    },
  };
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

async function stop(handle: LocalHandle, { io, signal, forceSignal }: CliContext): Promise<void> {
  if (signal.aborted) io.stderr.write("stopping; once more to stop at once\n");
  await handle.stop(forceSignal);
}

/** @returns whether all that was asked for succeeded */
async function serve(
  handle: LocalHandle,
  options: LocalOptions,
  ends: boolean,
  context: CliContext,
): Promise<boolean> {
  announce(handle, context);
  if (options.demoFile !== undefined) {
    const { runDemo } = await import("./run-demo.ts");
    const succeeded = await runDemo(handle, options.token, context);
    if (ends) return succeeded;
    context.io.stdout.write(`serving at ${handle.gatewayUrl} until Ctrl-C\n`);
  }
  await untilAborted(context.signal);
  return true;
}

/**
 * Runs the platform until it is interrupted, or with `ends` until its demo is over.
 *
 * @returns false when the demo was waited for and something in it failed
 * @throws what the platform threw at its start or when it could not go on
 */
export async function runLocal(options: LocalOptions, ends: boolean, context: CliContext): Promise<boolean> {
  const handle = await context.startLocal(options, makeListeners(context));
  let succeeded: boolean;
  try {
    succeeded = await Promise.race([serve(handle, options, ends, context), handle.broken]);
  } finally {
    await stop(handle, context);
  }
  context.forceSignal.throwIfAborted();
  return succeeded;
}
