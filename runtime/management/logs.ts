import type { Readable } from "node:stream";
import type { Clock } from "../contract/clock.ts";
import { documentId } from "../contract/documents.ts";
import { hasCode, IonError } from "../contract/errors.ts";
import { attemptKey } from "../contract/ids.ts";
import type { Documents } from "../ports/documents.ts";
import type { Executor } from "../ports/executor.ts";

/** An executor doesn't say when a program prints, so whoever follows looks again after this, in milliseconds. */
const lookAgainMilliseconds = 500;

export interface LogSources {
  readonly documents: Documents;
  readonly executor: Pick<Executor, "logs">;
  readonly clock: Clock;
}

export interface LoggedAttempt {
  readonly flow: string;
  readonly executionId: string;
  readonly attempt: number;
}

/**
 * Finds an attempt of an execution, the current one where none is named.
 *
 * @throws IonError `not-found`
 */
export async function getAttempt(
  documents: Documents,
  executionId: string,
  attempt?: number,
): Promise<LoggedAttempt> {
  const id = documentId.execution(executionId);
  const flow = await documents.locate(id);
  const stored = flow === undefined ? undefined : await documents.find("execution", flow, id);
  if (flow === undefined || stored === undefined) {
    throw new IonError("not-found", `there is no execution '${executionId}' that has begun`);
  }
  const current = stored.document.attempt;
  if (attempt === undefined || attempt <= current) return { flow, executionId, attempt: attempt ?? current };
  throw new IonError(
    "not-found",
    `execution '${executionId}' has no attempt ${attempt}: its last one is attempt ${current}`,
  );
}

/** What the attempt has printed by now. @throws IonError `not-found` when it has printed nothing yet */
export function readLog(
  { executor }: LogSources,
  { executionId, attempt }: LoggedAttempt,
): Promise<Readable> {
  return executor.logs(attemptKey(executionId, attempt));
}

async function* readFrom(
  sources: LogSources,
  attempt: LoggedAttempt,
  offset: number,
): AsyncGenerator<Buffer> {
  try {
    let position = 0;
    for await (const chunk of (await readLog(sources, attempt)) as AsyncIterable<Buffer>) {
      position += chunk.length;
      if (position > offset) yield chunk.subarray(Math.max(0, chunk.length - (position - offset)));
    }
  } catch (thrown) {
    // A run that has printed nothing has no log yet.
    if (!hasCode(thrown, "not-found")) throw thrown;
  }
}

async function hasEnded(
  documents: Documents,
  { flow, executionId, attempt }: LoggedAttempt,
): Promise<boolean> {
  const stored = await documents.find("execution", flow, documentId.execution(executionId));
  return stored?.document.phase !== "running" || stored.document.attempt > attempt;
}

/** What the attempt prints, until it has ended. */
export async function* followLog(
  sources: LogSources,
  attempt: LoggedAttempt,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const { documents, clock } = sources;
  let offset = 0;
  while (!signal.aborted) {
    // Before the log is read: what has ended prints no more.
    const ended = await hasEnded(documents, attempt);
    for await (const chunk of readFrom(sources, attempt, offset)) {
      offset += chunk.length;
      yield chunk;
    }
    if (ended) return;
    await clock.wait(lookAgainMilliseconds, signal);
  }
}
