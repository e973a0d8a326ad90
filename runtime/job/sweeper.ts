import { type CompletedDocument, type FlowDocument, sweepAfterMilliseconds } from "../contract/documents.ts";
import { hasCode } from "../contract/errors.ts";
import type { Log } from "../contract/log.ts";
import type { Stored } from "../ports/documents.ts";
import { eachItem } from "../ports/page.ts";
import { completeFlow, publishAlone } from "./completion.ts";
import type { JobContext } from "./context.ts";
import { relay } from "./relay.ts";

export interface SweeperOptions {
  readonly context: JobContext;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** @default 30 seconds */
  readonly everyMilliseconds?: number;
}

const documentsPerRound = 100;
const dayMilliseconds = 24 * 3_600_000;

async function postpone(
  { documents, clock }: JobContext,
  { document, etag }: Stored,
  milliseconds: number,
): Promise<void> {
  try {
    await documents.replace({ ...document, due: clock.now() + milliseconds }, etag);
  } catch (thrown) {
    // The document was changed meanwhile: it is looked at again when it's due.
    if (!hasCode(thrown, "conflict")) throw thrown;
  }
}

async function sweepFlow(context: JobContext, stored: Stored<FlowDocument>): Promise<void> {
  const ended = await completeFlow(context, stored.document.flow);
  if (!ended) return postpone(context, stored, sweepAfterMilliseconds);
  const { due: _, ...document } = stored.document;
  try {
    await context.documents.replace(document, stored.etag);
  } catch (thrown) {
    if (!hasCode(thrown, "conflict")) throw thrown;
  }
}

/** A flow whose time is over goes as a whole: files first, so that no document is lost that still leads to one. */
async function removeFlow(context: JobContext, stored: Stored<CompletedDocument>): Promise<void> {
  const { documents, blobs } = context;
  const { flow, counts } = stored.document;
  const open = !(await completeFlow(context, flow));
  const ends = await Array.fromAsync(eachItem((page) => documents.query(flow, "completed", page)));
  const endedLater = ends.some(({ document }) => document.counts.reopened > counts.reopened);
  if (open || endedLater) return postpone(context, stored, dayMilliseconds);
  await blobs.remove(flow);
  await documents.removeFlow(flow);
}

async function sweepOne(context: JobContext, stored: Stored): Promise<void> {
  const { document, etag } = stored;
  switch (document.kind) {
    case "commit":
      return relay(context, document);
    case "event":
      return publishAlone(context, document.event);
    case "flow":
      return sweepFlow(context, { document, etag });
    case "completed":
      return removeFlow(context, { document, etag });
    case "execution":
    case "stage":
    case "insight":
    case "log":
  }
}

/** What can't be swept goes behind the others, which would never have their turn else. */
async function trySweepOne(context: JobContext, log: Log, stored: Stored): Promise<void> {
  const { flow, id } = stored.document;
  try {
    await sweepOne(context, stored);
  } catch (error) {
    log.warn({ flow, document: id, error }, "cannot sweep a document; it is tried again");
    await postpone(context, stored, sweepAfterMilliseconds);
  }
}

/** Looks once at everything that is due. Safe to run anywhere, any number of times at once. */
export async function sweep(context: JobContext, log: Log): Promise<void> {
  const now = context.clock.now();
  const seen = new Set<string>();
  for (;;) {
    const due = await context.documents.due(now, documentsPerRound);
    const unseen = due.filter(({ document: { flow, id } }) => !seen.has(`${flow} ${id}`));
    for (const stored of unseen) {
      seen.add(`${stored.document.flow} ${stored.document.id}`);
      await trySweepOne(context, log, stored);
    }
    if (due.length < documentsPerRound || unseen.length === 0) return;
  }
}

/** Ends what others have left half done, until the signal aborts. */
export async function runSweeper({
  context,
  log,
  signal,
  everyMilliseconds = 30_000,
}: SweeperOptions): Promise<void> {
  while (!signal.aborted) {
    try {
      await sweep(context, log);
    } catch (error) {
      log.warn({ error }, "cannot read what is due; it is tried again");
    }
    await context.clock.wait(everyMilliseconds, signal);
  }
}
