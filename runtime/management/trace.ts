import type { ExecutionDocument, Failure, LogDocument } from "../contract/documents.ts";
import { type FileReference, flowCompleted } from "../contract/event.ts";
import { derivedIds } from "../contract/ids.ts";
import type { Routes } from "../contract/routing.ts";
import type {
  AttemptNode,
  EventNode,
  ExecutionNode,
  FailureAnswer,
  FileNode,
  FlowCountsAnswer,
  FlowTrace,
} from "./api.ts";
import type { ProgressBoard } from "./progress.ts";
import type { FlowEvent, FlowRecords } from "./read-flow.ts";

export interface TraceSources {
  readonly routes: Routes;
  readonly progress: Pick<ProgressBoard, "find">;
  /** Blob -> where it can be read for now; a blob that is gone is absent. */
  readonly locations: ReadonlyMap<string, string>;
}

/** Says milliseconds since 1970 in ISO 8601. */
export const toIso = (milliseconds: number): string => new Date(milliseconds).toISOString();

const toFailure = ({ code, message }: Failure): FailureAnswer => ({ code, message });

export function toFileNode(
  { path, bytes, sha256, blob }: FileReference,
  locations: TraceSources["locations"],
): FileNode {
  const location = locations.get(blob);
  return { path, bytes, sha256, blob, ...(location !== undefined && { location }) };
}

export function toAttempts(logs: readonly LogDocument[] = []): AttemptNode[] {
  return logs
    .toSorted((a, b) => a.attempt - b.attempt)
    .map(({ attempt, outcome, error, startedAt, endedAt }) => ({
      attempt,
      outcome,
      ...(error !== undefined && { error: toFailure(error) }),
      startedAt: toIso(startedAt),
      endedAt: toIso(endedAt),
    }));
}

export function toCounts({ counts }: Pick<FlowRecords, "counts">): FlowCountsAnswer {
  const { events, running, succeeded, failed, trailing } = counts;
  return { events, running, succeeded, failed, trailing };
}

const byTime = (a: FlowEvent, b: FlowEvent): number =>
  a.event.time < b.event.time ? -1 : a.event.time > b.event.time ? 1 : a.event.id < b.event.id ? -1 : 1;

/**
 * Puts a flow's records together as a tree.
 *
 * An execution that is routed but has no document yet is queued, as long as the flow runs: a module
 * that came later is not waiting for the events of a flow that has ended.
 */
export function traceFlow(flow: FlowRecords, { routes, progress, locations }: TraceSources): FlowTrace {
  const isOpen = flow.counts.running > 0 || flow.counts.trailing > 0;
  const children = Map.groupBy(flow.events, ({ executionId }) => executionId);
  const executions = Map.groupBy(flow.executions, ({ eventId }) => eventId);

  function toExecutionNode(execution: ExecutionDocument): ExecutionNode {
    const { id: documentId, module, version, attempt, startedAt, endedAt, notBefore, error } = execution;
    const id = documentId.slice("execution:".length);
    // The commit decides; the execution's own document follows it.
    const state = flow.commits.get(id)?.outcome ?? execution.phase;
    const said = state === "running" ? progress.find(id) : undefined;
    const insight = flow.insights.get(id)?.insight;
    return {
      id,
      module,
      version,
      state,
      attempt,
      startedAt: toIso(startedAt),
      ...(endedAt !== undefined && { endedAt: toIso(endedAt) }),
      ...(state === "waiting" && notBefore !== undefined && notBefore > 0 && { notBefore: toIso(notBefore) }),
      ...(state !== "succeeded" && error !== undefined && { error: toFailure(error) }),
      ...(insight !== undefined && { insight }),
      ...(said !== undefined && { progress: said }),
      attempts: toAttempts(flow.logs.get(id)),
      children: (children.get(id) ?? []).toSorted(byTime).map(toEventNode),
    };
  }

  function listQueued({ event }: FlowEvent, begun: readonly ExecutionDocument[]): ExecutionNode[] {
    if (!isOpen) return [];
    const known = new Set(begun.map(({ module }) => module));
    return routes
      .route(event)
      .filter((module) => !known.has(module))
      .map((module) => ({
        id: derivedIds.execution(module, event.id),
        module,
        state: "queued",
        attempt: 0,
        attempts: [],
        children: [],
      }));
  }

  function toEventNode(flowEvent: FlowEvent): EventNode {
    const { event, files } = flowEvent;
    const begun = executions.get(event.id) ?? [];
    const nodes = [...begun.map(toExecutionNode), ...listQueued(flowEvent, begun)];
    return {
      id: event.id,
      type: event.type,
      time: event.time,
      data: event.data,
      files: files.map((file) => toFileNode(file, locations)),
      executions: nodes.toSorted((a, b) => (a.module < b.module ? -1 : 1)),
    };
  }

  const unparented = (children.get(undefined) ?? []).toSorted(byTime);
  const isCompletion = ({ event }: FlowEvent) => event.type === flowCompleted.type;
  const roots = [
    ...unparented.filter((root) => !isCompletion(root)),
    ...unparented.filter((root) => isCompletion(root)),
  ];
  return {
    correlationId: flow.correlationId,
    state: flow.completed === undefined ? "running" : "completed",
    startedAt: roots[0]?.event.time ?? toIso(0),
    ...(flow.completed !== undefined && { completedAt: toIso(flow.completed.completedAt) }),
    counts: toCounts(flow),
    roots: roots.map(toEventNode),
  };
}
