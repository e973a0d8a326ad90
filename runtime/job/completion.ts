import {
  type CompletedDocument,
  documentId,
  type FlowCounts,
  type FlowDocument,
  sweepAfterMilliseconds,
  zeroCounts,
} from "../contract/documents.ts";
import { hasCode } from "../contract/errors.ts";
import { flowCompleted, type IonEvent } from "../contract/event.ts";
import { deriveId } from "../contract/ids.ts";
import { longestRetention } from "../contract/retention.ts";
import type { Stored } from "../ports/documents.ts";
import { eachItem } from "../ports/page.ts";
import type { JobContext } from "./context.ts";
import { markPublished } from "./mark-published.ts";

type CompletionContext = Pick<JobContext, "documents" | "bus" | "pipeline" | "routes" | "clock">;

async function readShards({ documents }: CompletionContext, flow: string): Promise<Stored<FlowDocument>[]> {
  if (documents.limits.counterShards === 1) {
    const stored = await documents.find("flow", flow, documentId.flow());
    return stored === undefined ? [] : [stored];
  }
  return Array.fromAsync(eachItem((page) => documents.query(flow, "flow", page)));
}

function sumCounts(shards: readonly Stored<FlowDocument>[]): FlowCounts {
  const sum = { ...zeroCounts };
  for (const { document } of shards) {
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += document.counts[key];
  }
  return sum;
}

const sameVersions = (a: readonly Stored[], b: readonly Stored[]): boolean =>
  a.length === b.length && a.every(({ etag }, index) => etag === b[index]?.etag);

/**
 * Reads a flow's counts as they were at one instant.
 *
 * Shards are read one after the other, and between two reads a parent may commit and its child end,
 * so that the sum is zero though it never was: a zero counts only when nothing changed meanwhile. A
 * single shard may be so too: another can come to be after the listing has passed its place.
 */
async function readCounts(context: CompletionContext, flow: string): Promise<FlowCounts> {
  let shards = await readShards(context, flow);
  while (context.documents.limits.counterShards > 1 && sumCounts(shards).running === 0) {
    const again = await readShards(context, flow);
    if (sameVersions(shards, again)) break;
    shards = again;
  }
  return sumCounts(shards);
}

function makeEvent(flow: string, counts: FlowCounts, now: number): IonEvent {
  const { events, succeeded, failed, reopened } = counts;
  return {
    specversion: "1.0",
    id: deriveId(flow, "completed", String(reopened)),
    source: "/ion/flow",
    type: flowCompleted.type,
    time: new Date(now).toISOString(),
    datacontenttype: "application/json",
    data: { events, succeeded, failed },
    correlationid: flow,
    files: 0,
    afterflow: true,
  };
}

/** @returns false when somebody else has closed the flow already */
async function close(
  context: CompletionContext,
  flow: string,
  counts: FlowCounts,
  event: IonEvent,
): Promise<boolean> {
  const { documents, clock, routes } = context;
  const now = clock.now();
  const { publishes } = documents;
  const completed: CompletedDocument = {
    kind: "completed",
    id: documentId.completed(counts.reopened),
    flow,
    counts,
    completedAt: now,
    due: now + longestRetention(context.pipeline()),
  };
  const published = publishes ? { published: true } : { published: false, due: now + sweepAfterMilliseconds };
  try {
    await documents.batch(
      flow,
      [
        { kind: "create", document: completed },
        {
          kind: "create",
          document: { kind: "event", id: documentId.event(event.id), flow, event, files: [], ...published },
        },
        { kind: "count", shard: 0, add: { trailing: routes().route(event).length } },
      ],
      publishes ? [event] : [],
    );
    return true;
  } catch (thrown) {
    if (hasCode(thrown, "conflict")) return false;
    throw thrown;
  }
}

/** Publishes an event that no commit publishes, and marks it. Safe to repeat. */
export async function publishAlone(
  { documents, bus }: Pick<JobContext, "documents" | "bus">,
  event: IonEvent,
): Promise<void> {
  await bus.publish([event]);
  await markPublished(documents, "event", event.correlationid, documentId.event(event.id));
}

/**
 * Closes a flow whose last execution has ended: raises `ion.flow_completed` once.
 *
 * Whoever ends an execution calls it after its own write, so the last one sees the zero.
 *
 * @returns whether the flow has ended
 */
export async function completeFlow(context: CompletionContext, flow: string): Promise<boolean> {
  const counts = await readCounts(context, flow);
  if (counts.running !== 0 || counts.events === 0) return false;
  const known = await context.documents.find("completed", flow, documentId.completed(counts.reopened));
  if (known !== undefined) return true;
  const event = makeEvent(flow, counts, context.clock.now());
  const first = await close(context, flow, counts, event);
  if (first && !context.documents.publishes) await publishAlone(context, event);
  return true;
}
