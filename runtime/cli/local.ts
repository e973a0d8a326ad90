import type { Command } from "commander";
import { readTokenFile, wholeNumber } from "./arguments.ts";
import type { CliContext, GlobalOptions } from "./context.ts";
import { badInput, ReportedFailure } from "./failures.ts";
import type { LocalOptions } from "./local-platform.ts";

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
    .addHelpText(
      "after",
      `
Ctrl-C ends it with exit code 0: what runs has 10 s to finish, the rest waits for the next start.
Once more ends it at once, with 130.

Example:
  $ ion local --demo modules/demo.ts --once`,
    )
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
