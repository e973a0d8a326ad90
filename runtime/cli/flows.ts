import type { Command } from "commander";
import type { FlowSummary } from "../management/api.ts";
import { wholeNumber } from "./arguments.ts";
import { connect } from "./connect.ts";
import type { CliContext, GlobalOptions } from "./context.ts";
import { elapsed, formatCount, formatDuration, formatTime } from "./format.ts";
import { printJson, printLines } from "./print.ts";
import { renderTable } from "./table.ts";
import { makePaint, toPrintable } from "./text.ts";

interface FlowsFlags extends GlobalOptions {
  readonly size: number;
  readonly after?: string;
  readonly json?: boolean;
}

function toRow({ correlationId, type, state, startedAt, completedAt, counts }: FlowSummary): string[] {
  const { events, running, trailing, failed } = counts;
  return [
    correlationId,
    formatTime(startedAt),
    toPrintable(type),
    state,
    formatDuration(elapsed(startedAt, completedAt, Date.now())),
    formatCount(events),
    formatCount(running + trailing),
    formatCount(failed),
  ];
}

const head = ["flow", "started (UTC)", "first event", "state", "time", "events", "to go", "failed"];

async function listFlows(flags: FlowsFlags, context: CliContext): Promise<void> {
  const { size, after } = flags;
  const client = await connect(flags, context);
  const page = await client.listFlows({ size, ...(after !== undefined && { after }) });
  if (flags.json === true) {
    printJson(context, page);
    return;
  }
  if (page.items.length === 0) {
    printLines(context, ["no flows; begin one with: ion submit"]);
    return;
  }
  const { columns, colour } = context.io;
  printLines(context, renderTable(head, page.items.map(toRow), columns, makePaint(colour)));
  if (page.next !== undefined)
    printLines(context, [`more: ion flows --size ${size} --after ${toPrintable(page.next)}`]);
}

/** `ion flows`: the flows, newest first. */
export function addFlows(program: Command, context: CliContext): void {
  program
    .command("flows")
    .description("list flows")
    .option("--size <n>", "at most this many", wholeNumber("--size", 1, 1_000), 20)
    .option("--after <place>", "go on where a longer list was cut")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  $ ion flows --size 5")
    .action(async (_flags: unknown, command: Command) => {
      await listFlows(command.optsWithGlobals<FlowsFlags>(), context);
    });
}
