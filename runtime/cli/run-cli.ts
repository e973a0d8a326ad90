import { once } from "node:events";
import { CommanderError } from "commander";
import { IonError } from "../contract/errors.ts";
import type { CliContext } from "./context.ts";
import { exitCodes, ReportedFailure, toExitCode } from "./failures.ts";
import { makeProgram } from "./program.ts";
import { toPrintable } from "./text.ts";

/** Commander's words for a usage error, as one line of ours. */
function describeUsageError({ message }: CommanderError): string {
  const text = toPrintable(message.replace(/^error: /, "").replaceAll("\n", " "));
  return `cannot run this: ${text.replace(/\.$/, "")}; see: ion --help`;
}

function report(context: CliContext, message: string): void {
  context.io.stderr.write(`ion: ${toPrintable(message)}\n`);
}

function settle(thrown: unknown, context: CliContext): number {
  if (thrown instanceof ReportedFailure) return thrown.exitCode;
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return exitCodes.ok;
    // Commander has printed the whole help already when a command is missing.
    if (thrown.code !== "commander.help") report(context, describeUsageError(thrown));
    return exitCodes.badInput;
  }
  if (context.signal.aborted) return exitCodes.interrupted;
  report(context, IonError.from(thrown).message);
  return toExitCode(thrown);
}

async function flush({ io }: CliContext): Promise<void> {
  for (const stream of [io.stdout, io.stderr]) {
    if (!stream.writableNeedDrain || stream.destroyed) continue;
    // It rejects when the reader has gone: then nobody is left to wait for.
    await once(stream, "drain").catch(() => {});
  }
}

/** Ends a command whose reader has gone, as `ion trace … | head` does. */
function watchReader(context: CliContext): AbortSignal {
  const gone = new AbortController();
  // Never taken off: a stream may tell that its reader has gone long after the write.
  context.io.stdout.on("error", () => gone.abort());
  return AbortSignal.any([context.signal, gone.signal]);
}

/**
 * Runs one command line.
 *
 * @param argv the arguments after the program's name
 * @returns the exit code: 0 fine, 1 something failed, 2 bad usage or input, 130 interrupted
 */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  const signal = watchReader(context);
  try {
    await makeProgram({ ...context, io: context.io, signal }).parseAsync(argv, {
      from: "user",
    });
    return exitCodes.ok;
  } catch (thrown) {
    return settle(thrown, { ...context, signal });
  } finally {
    if (!signal.aborted) await flush(context);
  }
}
