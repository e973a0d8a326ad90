import type { DeadLetterSummary } from "../management/api.ts";
import { connect } from "./connect.ts";
import type { CliContext, GlobalOptions } from "./context.ts";
import { formatTime } from "./format.ts";
import { printJson, printLines } from "./print.ts";
import { renderTable } from "./table.ts";
import { makePaint, toPrintable } from "./text.ts";

export interface ListFlags extends GlobalOptions {
  readonly module?: string;
  readonly type?: string;
  readonly code?: string;
  readonly size: number;
  readonly after?: string;
  readonly json?: boolean;
}

function toRow({ eventId, module, type, since, reason }: DeadLetterSummary): string[] {
  return [
    eventId,
    formatTime(since),
    ...[module, type, `${reason.code}: ${reason.message}`].map(toPrintable),
  ];
}

/** Prints one page of dead letters. */
export async function listDeadLetters(flags: ListFlags, context: CliContext): Promise<void> {
  const { module, type, code, size, after } = flags;
  const client = await connect(flags, context);
  const page = await client.listDeadLetters({
    size,
    ...(module !== undefined && { module }),
    ...(type !== undefined && { type }),
    ...(code !== undefined && { code }),
    ...(after !== undefined && { after }),
  });
  if (flags.json === true) {
    printJson(context, page);
    return;
  }
  if (page.items.length === 0) {
    printLines(context, ["no dead letters"]);
    return;
  }
  const head = ["event", "since (UTC)", "module", "type", "why"];
  const { columns, colour } = context.io;
  printLines(context, renderTable(head, page.items.map(toRow), columns, makePaint(colour)));
  if (page.next !== undefined) printLines(context, [`more: add --after ${toPrintable(page.next)}`]);
}
