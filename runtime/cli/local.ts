import type { Command } from "commander";
import { readTokenFile, wholeNumber } from "./arguments.ts";
import type { CliContext, GlobalOptions } from "./context.ts";
import { badInput, ReportedFailure } from "./failures.ts";

export interface LocalOptions {
  /** Where events, documents, files and logs are kept; made when it isn't there. */
  readonly dataFolder: string;
  /** TCP port of the gateway on the loopback interface; 0 takes a free one. */
  readonly port: number;
  /** The file whose default export is the pipeline. */
  readonly pipelineFile: string;
  /** The file that says which events `submitDemo` raises. */
  readonly demoFile?: string;
  /** Executions that run at once, over all modules. @default the machine's cores */
  readonly parallel?: number;
  /** What callers of the gateway must show. @default nothing */
  readonly token?: string;
}

/** Told while the platform runs. */
export interface LocalListeners {
  /** The declarations changed and hold from the next event on. */
  reloaded(modules: readonly string[]): void;
  /** The changed declarations break a rule; the ones before stay in force. */
  reloadFailed(problem: string): void;
}

/** A flow that the demo has begun. */
export interface DemoFlow {
  readonly type: string;
  readonly eventId: string;
  readonly correlationId: string;
  /** What a person calls it. */
  readonly label: string;
}

/** A running platform. */
export interface LocalHandle {
  readonly gatewayUrl: string;
  readonly dataFolder: string;
  /** From the process's start until events are taken. */
  readonly readyMilliseconds: number;
  /** Rejects when the platform can't go on; never resolves. */
  readonly broken: Promise<never>;
  /** Raises the demo's events, each when it is ready. MUST NOT raise any before it is asked for. */
  submitDemo(signal: AbortSignal): AsyncIterable<DemoFlow>;
  /** Where a blob lies on this machine's disk. */
  pathOf(blob: string): string;
  /** Finishes or hands back what runs, within a bound; at once when `force` aborts. MUST be safe to repeat. */
  stop(force: AbortSignal): Promise<void>;
}

/** @throws IonError `invalid` when the pipeline breaks a rule or a file is missing, `conflict` when the port or the data folder is taken */
export type StartLocal = (options: LocalOptions, listeners: LocalListeners) => Promise<LocalHandle>;

interface LocalFlags extends GlobalOptions {
  readonly data: string;
  readonly port: number;
  readonly pipeline: string;
  readonly demo?: string;
  readonly once?: boolean;
  readonly parallel?: number;
}

/** `ion local`: the whole platform on this machine. */
export function addLocal(program: Command, context: CliContext): void {
  program
    .command("local")
    .description("run the whole platform on this machine")
    .option("--data <folder>", "where events, documents, files and logs are kept", ".ion")
    .option(
      "--port <n>",
      "the gateway's port on the loopback interface; 0 takes a free one",
      wholeNumber("--port", 0, 65_535),
      9001,
    )
    .option("--pipeline <file>", "the file whose default export is the pipeline", "modules/index.ts")
    .option("--demo <file>", "raise the events of this file and show what becomes of them")
    .option("--once", "end after the demo; 1 when anything failed")
    .option(
      "--parallel <n>",
      "executions that run at once (default: the machine's cores)",
      wholeNumber("--parallel", 1, 1_024),
    )
    .addHelpText("after", "\nExample:\n  $ ion local --demo modules/demo.ts --once\n")
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<LocalFlags>();
      if (flags.once === true && flags.demo === undefined) {
        throw badInput(
          "run with --once",
          "it ends after the demo, and there is none",
          "add --demo <file> or drop --once",
        );
      }
      if (flags.endpoint !== undefined) {
        throw badInput(
          "run with --endpoint",
          "the platform of this machine answers at its own",
          "choose its --port",
        );
      }
      const { runLocal } = await import("./run-local.ts");
      const succeeded = await runLocal(await readOptions(flags), flags.once === true, context);
      if (!succeeded) throw new ReportedFailure();
    });
}

async function readOptions(flags: LocalFlags): Promise<LocalOptions> {
  const { tokenFile, demo, parallel } = flags;
  return {
    dataFolder: flags.data,
    port: flags.port,
    pipelineFile: flags.pipeline,
    ...(demo !== undefined && { demoFile: demo }),
    ...(parallel !== undefined && { parallel }),
    ...(tokenFile !== undefined && { token: await readTokenFile(tokenFile) }),
  };
}
