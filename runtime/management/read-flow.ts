import {
  type CommitDocument,
  type CompletedDocument,
  type DocumentKind,
  type DocumentOf,
  documentId,
  type ExecutionDocument,
  type FlowCounts,
  type FlowDocument,
  type InsightDocument,
  type LogDocument,
  zeroCounts,
} from "../contract/documents.ts";
import type { FileReference, IonEvent } from "../contract/event.ts";
import type { Documents } from "../ports/documents.ts";
import { eachItem } from "../ports/page.ts";

/** An event of a flow, wherever its document stands. */
export interface FlowEvent {
  readonly event: IonEvent;
  readonly files: readonly FileReference[];
  readonly executionId?: string;
}

/** All that is known of a flow, by what it belongs to. */
export interface FlowRecords {
  readonly correlationId: string;
  readonly counts: FlowCounts;
  readonly completed?: CompletedDocument;
  /** Only those that count: an execution's events do once its commit is there. */
  readonly events: readonly FlowEvent[];
  readonly executions: readonly ExecutionDocument[];
  /** By execution; so are the next two. */
  readonly commits: ReadonlyMap<string, CommitDocument>;
  readonly insights: ReadonlyMap<string, InsightDocument>;
  readonly logs: ReadonlyMap<string, readonly LogDocument[]>;
}

/** The counts of all shards together. */
export function sumCounts(shards: readonly FlowDocument[]): FlowCounts {
  const sum = { ...zeroCounts };
  for (const { counts } of shards) {
    for (const key of Object.keys(zeroCounts) as (keyof FlowCounts)[]) sum[key] += counts[key];
  }
  return sum;
}

/** All documents of one kind in a flow. */
export async function readAll<Kind extends DocumentKind>(
  documents: Documents,
  flow: string,
  kind: Kind,
): Promise<DocumentOf<Kind>[]> {
  const stored = await Array.fromAsync(eachItem((page) => documents.query(flow, kind, page), 500));
  return stored.map(({ document }) => document);
}

/** The children of a fan-out too large for one batch; they lie beside the commit until then. */
async function readStaged(documents: Documents, flow: string, commits: readonly CommitDocument[]) {
  const staged = commits.filter(({ stages }) => stages > 0);
  if (staged.length === 0) return [];
  const stages = await readAll(documents, flow, "stage");
  return staged.flatMap(({ executionId, attempt }): FlowEvent[] => {
    const prefix = documentId.stage(executionId, attempt, 0).slice(0, -1);
    return stages
      .filter(({ id }) => id.startsWith(prefix))
      .flatMap(({ children }) => children.map((child) => ({ ...child, executionId })));
  });
}

/**
 * Reads a flow.
 *
 * @returns undefined when there is no such flow
 */
export async function findFlow(documents: Documents, flow: string): Promise<FlowRecords | undefined> {
  const [shards, events, executions, commits, insights, logs, completions] = await Promise.all([
    readAll(documents, flow, "flow"),
    readAll(documents, flow, "event"),
    readAll(documents, flow, "execution"),
    readAll(documents, flow, "commit"),
    readAll(documents, flow, "insight"),
    readAll(documents, flow, "log"),
    readAll(documents, flow, "completed"),
  ]);
  if (events.length === 0) return undefined;
  const byExecution = new Map(commits.map((commit) => [commit.executionId, commit]));
  const written = events.filter(
    ({ executionId }) => executionId === undefined || byExecution.has(executionId),
  );
  const staged = await readStaged(documents, flow, commits);
  const counts = sumCounts(shards);
  const completed = completions.find(({ id }) => id === documentId.completed(counts.reopened));
  const all = [...written, ...staged].map((each): [string, FlowEvent] => [each.event.id, each]);
  return {
    correlationId: flow,
    counts,
    ...(completed !== undefined && { completed }),
    events: [...new Map(all).values()],
    executions,
    commits: byExecution,
    insights: new Map(insights.map((insight) => [insight.executionId, insight])),
    logs: Map.groupBy(logs, ({ executionId }) => executionId),
  };
}
