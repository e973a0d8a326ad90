import { documentId } from "../contract/documents.ts";
import { hours } from "../contract/duration.ts";
import { hasCode } from "../contract/errors.ts";
import type { Routes } from "../contract/routing.ts";
import type { Blobs } from "../ports/blobs.ts";
import type { Documents } from "../ports/documents.ts";
import type { Page, PageRequest } from "../ports/page.ts";
import type { FlowSummary, FlowTrace } from "./api.ts";
import type { ProgressBoard } from "./progress.ts";
import { findFlow, readAll, sumCounts } from "./read-flow.ts";
import { toCounts, toIso, traceFlow } from "./trace.ts";

/** How long the address of a file in an answer holds. */
const linkLifetime = hours(1);

export interface FlowSources {
  readonly documents: Documents;
  readonly blobs: Pick<Blobs, "link">;
  readonly routes: () => Routes;
  readonly progress: Pick<ProgressBoard, "find">;
}

/** Adds where each blob can be read; a blob whose retention is over has no address. */
export async function locate(
  { blobs }: Pick<FlowSources, "blobs">,
  wanted: readonly { readonly blob: string }[],
  known: Map<string, string>,
): Promise<Map<string, string>> {
  for (const { blob } of wanted) {
    if (known.has(blob)) continue;
    try {
      known.set(blob, (await blobs.link(blob, linkLifetime)).href);
    } catch (thrown) {
      if (!hasCode(thrown, "not-found")) throw thrown;
    }
  }
  return known;
}

/**
 * Makes a reader of one flow's trace; it remembers where files lie from one call to the next.
 *
 * @returns undefined when there is no such flow
 */
export function flowReader(sources: FlowSources, flow: string): () => Promise<FlowTrace | undefined> {
  const known = new Map<string, string>();
  return async () => {
    const records = await findFlow(sources.documents, flow);
    if (records === undefined) return undefined;
    const files = records.events.flatMap((event) => event.files);
    const locations = await locate(sources, files, known);
    return traceFlow(records, { routes: sources.routes(), progress: sources.progress, locations });
  };
}

async function summarise(documents: Documents, flow: string): Promise<FlowSummary | undefined> {
  const [first, shards] = await Promise.all([
    documents.find("event", flow, documentId.event(flow)),
    readAll(documents, flow, "flow"),
  ]);
  if (first === undefined) return undefined;
  const counts = sumCounts(shards);
  const completed = await documents.find("completed", flow, documentId.completed(counts.reopened));
  return {
    correlationId: flow,
    type: first.document.event.type,
    state: completed === undefined ? "running" : "completed",
    startedAt: first.document.event.time,
    ...(completed !== undefined && { completedAt: toIso(completed.document.completedAt) }),
    counts: toCounts({ counts }),
  };
}

/** A page of flows, the one begun last first; a flow that is being removed is left out. */
export async function listFlows(documents: Documents, page: PageRequest): Promise<Page<FlowSummary>> {
  const { items, next } = await documents.flows(page);
  const flows = await Promise.all(items.map((flow) => summarise(documents, flow)));
  return { items: flows.filter((flow) => flow !== undefined), ...(next !== undefined && { next }) };
}
