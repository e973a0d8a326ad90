import type { Command } from "commander";
import { idOf } from "./arguments.ts";
import { connect } from "./connect.ts";
import type { CliContext, GlobalOptions } from "./context.ts";
import { printJson, printLines } from "./print.ts";

interface TraceFlags extends GlobalOptions {
  readonly json?: boolean;
  readonly follow?: boolean;
  readonly all?: boolean;
  readonly ids?: boolean;
}

async function trace(correlationId: string, flags: TraceFlags, context: CliContext): Promise<void> {
  const client = await connect(flags, context);
  const shown = { json: flags.json === true, all: flags.all === true, ids: flags.ids === true };
  if (flags.follow === true) {
    const { followTrace } = await import("./follow-trace.ts");
    await followTrace(client, correlationId, shown, context);
    return;
  }
  const flow = await client.getFlow(correlationId);
  if (shown.json) {
    printJson(context, flow);
    return;
  }
  const { renderTrace } = await import("./render-trace.ts");
  const { columns, colour } = context.io;
  printLines(context, renderTrace(flow, { ...shown, columns, colour, now: Date.now() }));
}

/** `ion trace`: one flow as a tree. */
export function addTrace(program: Command, context: CliContext): void {
  program
    .command("trace")
    .description("show what became of a flow, as a tree")
    .argument("<correlation id>", "the flow", idOf("flow"))
    .option("--follow", "stay until the flow has ended; 1 when anything failed")
    .option("--all", "show every sibling instead of twenty")
    .option("--ids", "show the ids of events and executions")
    .option("--json", "print JSON only; a line for each change with --follow")
    .addHelpText("after", "\nExample:\n  $ ion trace 5f0c1b2a-93d4-4e1f-8a6b-7c5d4e3f2a1b --follow")
    .action(async (correlationId: string, _flags: unknown, command: Command) => {
      await trace(correlationId, command.optsWithGlobals<TraceFlags>(), context);
    });
}
