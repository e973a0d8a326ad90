import { hasCode } from "../contract/errors.ts";
import type { DeadLetterDetail } from "../management/api.ts";
import type { ManagementClient } from "../management/client.ts";
import { connect } from "./connect.ts";
import type { CliContext, GlobalOptions } from "./context.ts";
import { elapsed, formatDuration, formatObject, formatTime } from "./format.ts";
import { printJson, printLines } from "./print.ts";
import { summariseFiles } from "./render-details.ts";
import { toPrintable } from "./text.ts";

export interface ShowFlags extends GlobalOptions {
  readonly module?: string;
  readonly json?: boolean;
}

const logLines = 10;
/** The end of a log that is kept while it is read, in characters. */
const keptCharacters = 16_384;

/** The last lines of the last attempt's log; none when no attempt has left one. */
async function readLogEnd(client: ManagementClient, { executionId, attempts }: DeadLetterDetail) {
  const attempt = attempts.at(-1)?.attempt;
  if (attempt === undefined) return [];
  try {
    let end = "";
    const log = await client.readLogs(executionId, { attempt });
    for await (const text of log.pipeThrough(new TextDecoderStream())) {
      end = (end + text).slice(-keptCharacters);
    }
    return end.trimEnd().split("\n").slice(-logLines).map(toPrintable);
  } catch (thrown) {
    // A log has a shorter life than a dead letter: without it all else is still worth showing.
    if (hasCode(thrown, "not-found")) return [];
    throw thrown;
  }
}

function describeAttempts({ attempts }: DeadLetterDetail): string[] {
  return attempts.map(({ attempt, outcome, startedAt, endedAt, error }) => {
    const why = error === undefined ? "" : `  ${toPrintable(`${error.code}: ${error.message}`)}`;
    return `  ${attempt}  ${outcome}  ${formatDuration(elapsed(startedAt, endedAt, 0))}${why}`;
  });
}

function render(letter: DeadLetterDetail, log: readonly string[], now: number): string[] {
  const { eventId, module, type, reason, since, correlationId, executionId, data, files } = letter;
  const name = toPrintable(module);
  return [
    `${toPrintable(type)} ${eventId}, set aside by ${name}`,
    `why       ${toPrintable(`${reason.code}: ${reason.message}`)}`,
    `since     ${formatTime(since)} UTC, ${formatDuration(elapsed(since, undefined, now))} ago`,
    `flow      ${correlationId}`,
    ...(Object.keys(data).length > 0 ? [`data      ${formatObject(data)}`] : []),
    ...(files.length > 0 ? [`files     ${summariseFiles(files)}`] : []),
    ...(letter.attempts.length > 0 ? ["attempts", ...describeAttempts(letter)] : []),
    ...(log.length > 0
      ? [`log       its last lines; all of it: ion logs ${executionId}`, ...log.map((line) => `  ${line}`)]
      : []),
    `replay    ion dlq replay ${eventId} --module ${name}`,
  ];
}

/** Prints all that is known of one dead letter. */
export async function showDeadLetter(eventId: string, flags: ShowFlags, context: CliContext): Promise<void> {
  const client = await connect(flags, context);
  const letter = await client.getDeadLetter(eventId, flags.module);
  const log = await readLogEnd(client, letter);
  if (flags.json === true) printJson(context, { ...letter, log });
  else printLines(context, render(letter, log, Date.now()));
}
