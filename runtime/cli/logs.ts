import type { Command } from "commander";
import { idOf, wholeNumber } from "./arguments.ts";
import { connect } from "./connect.ts";
import type { CliContext, GlobalOptions } from "./context.ts";
import { printBytes } from "./print.ts";

interface LogsFlags extends GlobalOptions {
  readonly attempt?: number;
  readonly follow?: boolean;
}

/** `ion logs`: what a module printed. */
export function addLogs(program: Command, context: CliContext): void {
  program
    .command("logs")
    .description("print what a module printed while it handled an event")
    .argument("<execution>", "the execution's id; ion trace --ids shows it", idOf("execution"))
    .option(
      "--attempt <n>",
      "which attempt, from 1 (default: the last)",
      wholeNumber("--attempt", 1, 1_000_000),
    )
    .option("--follow", "stay until the attempt has ended")
    .addHelpText("after", "\nExample:\n  $ ion logs 9a21c3d4-0f1e-8a2b-9c3d-4e5f6a7b8c9d --attempt 1")
    .action(async (executionId: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<LogsFlags>();
      const client = await connect(flags, context);
      const { attempt, follow } = flags;
      const query = { ...(attempt !== undefined && { attempt }), ...(follow === true && { follow }) };
      await printBytes(context, await client.readLogs(executionId, query));
    });
}
