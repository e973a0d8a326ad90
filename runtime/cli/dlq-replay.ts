import { createInterface } from "node:readline/promises";
import type { ReplaySelector } from "../management/api.ts";
import { connect } from "./connect.ts";
import type { CliContext, GlobalOptions } from "./context.ts";
import { badInput, ReportedFailure } from "./failures.ts";
import { countOf } from "./format.ts";
import { printJson, printLines } from "./print.ts";
import { toPrintable } from "./text.ts";

export interface ReplayFlags extends GlobalOptions {
  readonly module?: string;
  readonly type?: string;
  readonly code?: string;
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** @throws IonError `invalid` when nothing is selected, or everything and something */
function toSelector(eventId: string | undefined, flags: ReplayFlags): ReplaySelector {
  const { module, type, code, all } = flags;
  const filter: ReplaySelector = {
    ...(eventId !== undefined && { eventId }),
    ...(module !== undefined && { module }),
    ...(type !== undefined && { type }),
    ...(code !== undefined && { code }),
  };
  const isEmpty = Object.keys(filter).length === 0;
  if (all === true && !isEmpty) {
    throw badInput(
      "replay",
      "--all selects every dead letter, and something else is selected too",
      "use one of both",
    );
  }
  if (all === true) return { all };
  if (!isEmpty) return filter;
  throw badInput(
    "replay",
    "no dead letter is selected",
    "give an event id, --module, --type, --code or --all",
  );
}

/** Asks before more than one event may run again. */
async function confirm(
  selector: ReplaySelector,
  flags: ReplayFlags,
  { io, signal }: CliContext,
): Promise<boolean> {
  if (flags.yes === true || selector.eventId !== undefined) return true;
  if (!io.canAsk) throw badInput("replay", "nobody can be asked whether to replay them all", "add --yes");
  const question = createInterface({ input: io.stdin, output: io.stderr });
  try {
    const what = Object.entries(selector).map(([field, value]) => `${field} ${String(value)}`);
    const answer = await question.question(`Replay every dead letter of ${what.join(", ")}? [y/N] `, {
      signal,
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    question.close();
  }
}

/**
 * Makes dead letters deliverable again.
 *
 * @throws ReportedFailure when one of them could not be replayed
 */
export async function replayDeadLetters(
  eventId: string | undefined,
  flags: ReplayFlags,
  context: CliContext,
): Promise<void> {
  const selector = toSelector(eventId, flags);
  const client = await connect(flags, context);
  if (!(await confirm(selector, flags, context))) {
    context.io.stderr.write("nothing was replayed\n");
    return;
  }
  const { replayed, failed } = await client.replay(selector);
  if (flags.json === true) {
    printJson(context, { replayed, failed });
  } else {
    printLines(context, [`replayed ${countOf(replayed.length, "event")}`]);
    for (const { eventId: id, module, message } of failed) {
      context.io.stderr.write(`ion: cannot replay ${id} for ${toPrintable(`${module}: ${message}`)}\n`);
    }
  }
  if (failed.length > 0) throw new ReportedFailure();
}
