import type { CompletedDocument, FlowDocument } from "../contract/documents.ts";
import { documentId } from "../contract/documents.ts";
import { hasCode } from "../contract/errors.ts";
import type { Log } from "../contract/log.ts";
import type { Stored } from "../ports/documents.ts";
import { completeFlow, publishAlone } from "./completion.ts";
import { type JobContext, sweepAfterMilliseconds } from "./context.ts";
import { relay } from "./relay.ts";

export interface SweeperOptions {
  readonly context: JobContext;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** @default 30 seconds */
  readonly everyMilliseconds?: number;
}

const documentsPerRound = 100;

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
  const later = await documents.find("completed", flow, documentId.completed(counts.reopened + 1));
  const open = !(await completeFlow(context, flow));
  if (later !== undefined || open) return postpone(context, stored, 24 * 3_600_000);
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

/** Looks once at everything that is due. Safe to run anywhere, any number of times at once. */
export async function sweep(context: JobContext, log: Log): Promise<void> {
  const due = await context.documents.due(context.clock.now(), documentsPerRound);
  for (const stored of due) {
    try {
      await sweepOne(context, stored);
    } catch (error) {
      const { flow, id } = stored.document;
      log.warn({ flow, document: id, error }, "cannot sweep a document; it is tried again");
    }
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
