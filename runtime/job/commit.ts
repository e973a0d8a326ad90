import {
  type CommitDocument,
  counterShard,
  documentId,
  type ExecutionDocument,
  type FlowCounts,
  type StageDocument,
} from "../contract/documents.ts";
import { hasCode, IonError } from "../contract/errors.ts";
import type { FileReference, IonEvent } from "../contract/event.ts";
import { blobPrefix } from "../contract/ids.ts";
import { measureOperation } from "../ports/batch.ts";
import type { Operation } from "../ports/documents.ts";
import type { Attempt } from "../ports/executor.ts";
import { completeFlow } from "./completion.ts";
import { type JobContext, sweepAfterMilliseconds } from "./context.ts";
import { inspectOutput, type Output } from "./inspect.ts";
import { relay } from "./relay.ts";

/** An event about to be, with its files. */
type Child = StageDocument["children"][number];

export interface AttemptTimes {
  /** When the attempt began, in milliseconds since 1970. */
  readonly startedAt: number;
}

const parallelUploads = 4;

/** Bytes of staged children in one document; half of what a document may have leaves room for what JSON adds. */
const stageBytes = 1024 * 1024;

async function uploadFiles(
  context: JobContext,
  attempt: Attempt,
  output: Output,
  signal: AbortSignal,
): Promise<Map<string, FileReference>> {
  const prefix = blobPrefix(attempt.event.correlationid, attempt.executionId, attempt.attempt);
  const references = new Map<string, FileReference>();
  const waiting = output.files.values();
  async function uploadNext(): Promise<void> {
    for (const { path, file } of waiting) {
      const {
        bytes,
        sha256,
        path: blob,
      } = await context.blobs.put(`${prefix}/${path}`, { file }, { signal });
      references.set(path, { path, blob, bytes, sha256 });
    }
  }
  if (output.files.length > 0) {
    await Promise.all(Array.from({ length: Math.min(parallelUploads, output.files.length) }, uploadNext));
  }
  return references;
}

function makeChildren(
  { ids, clock }: JobContext,
  attempt: Attempt,
  output: Output,
  files: ReadonlyMap<string, FileReference>,
): Child[] {
  const { event, module, executionId } = attempt;
  const time = new Date(clock.now()).toISOString();
  return output.children.map((child) => ({
    event: {
      specversion: "1.0",
      id: ids.child(executionId, child.name),
      source: `/ion/${module.name}`,
      type: child.type,
      time,
      datacontenttype: "application/json",
      data: child.data,
      correlationid: event.correlationid,
      parentid: event.id,
      files: child.files.length,
      ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
      ...(event.afterflow && { afterflow: true }),
    } satisfies IonEvent,
    files: child.files.map((path) => files.get(path)).filter((file) => file !== undefined),
  }));
}

const countRouted = ({ routes }: JobContext, children: readonly Child[]): number =>
  children.reduce((sum, { event }) => sum + routes().route(event).length, 0);

function countEnd(attempt: Attempt, children: number, routed: number): Partial<FlowCounts> {
  if (attempt.event.afterflow) return { trailing: routed - 1 };
  return { events: children, running: routed - 1, succeeded: 1 };
}

function endedExecution(attempt: Attempt, startedAt: number, endedAt: number): ExecutionDocument {
  const { executionId, event, module } = attempt;
  return {
    kind: "execution",
    id: documentId.execution(executionId),
    flow: event.correlationid,
    module: module.name,
    version: attempt.version,
    eventId: event.id,
    phase: "succeeded",
    attempt: attempt.attempt,
    interruptions: attempt.interruptions,
    forgiven: attempt.forgiven,
    startedAt: attempt.executionStartedAt,
    attemptStartedAt: startedAt,
    endedAt,
    ...(event.afterflow && { afterflow: true }),
  };
}

/** The writes that end an execution, whatever became of its children. */
function endOperations(
  context: JobContext,
  attempt: Attempt,
  output: Output,
  startedAt: number,
): Operation[] {
  const { executionId, event, module } = attempt;
  const flow = event.correlationid;
  const endedAt = context.clock.now();
  const log = {
    kind: "log",
    id: documentId.log(executionId, attempt.attempt),
    flow,
    executionId,
    attempt: attempt.attempt,
  } as const;
  const operations: Operation[] = [
    { kind: "put", document: endedExecution(attempt, startedAt, endedAt) },
    { kind: "put", document: { ...log, outcome: "succeeded", startedAt, endedAt } },
  ];
  if (output.insight !== undefined) {
    const insight = {
      kind: "insight",
      id: documentId.insight(executionId),
      flow,
      module: module.name,
      executionId,
    } as const;
    operations.push({
      kind: "put",
      document: { ...insight, eventId: event.id, insight: output.insight, time: endedAt },
    });
  }
  return operations;
}

const childOperation = ({ event, files }: Child, executionId: string): Operation => ({
  kind: "create",
  document: {
    kind: "event",
    id: documentId.event(event.id),
    flow: event.correlationid,
    event,
    files,
    executionId,
  },
});

function fits({ documents }: JobContext, operations: readonly Operation[]): boolean {
  const { limits } = documents;
  if (operations.length > limits.operations) return false;
  return operations.reduce((sum, operation) => sum + measureOperation(operation), 0) <= limits.bytes;
}

/** Writes children ahead of the manifest, some hundred in a document. Nobody reads them until the manifest names the attempt. */
async function stageChildren(
  { documents }: JobContext,
  attempt: Attempt,
  children: readonly Child[],
): Promise<number> {
  const flow = attempt.event.correlationid;
  let stages = 0;
  let part: Child[] = [];
  let bytes = 0;
  const flush = async () => {
    const id = documentId.stage(attempt.executionId, attempt.attempt, stages);
    await documents.batch(flow, [{ kind: "put", document: { kind: "stage", id, flow, children: part } }]);
    stages += 1;
    part = [];
    bytes = 0;
  };
  for (const child of children) {
    const size = Buffer.byteLength(JSON.stringify(child));
    if (part.length > 0 && bytes + size > stageBytes) await flush();
    part.push(child);
    bytes += size;
  }
  if (part.length > 0) await flush();
  return stages;
}

/** The loser of two commits of one execution: what it uploaded goes, and the winner's children go out if they haven't yet. */
async function yieldToWinner(context: JobContext, attempt: Attempt): Promise<void> {
  const { documents, blobs } = context;
  const { event, executionId } = attempt;
  const winner = await documents.find("commit", event.correlationid, documentId.commit(executionId));
  if (winner === undefined) {
    throw new IonError(
      "conflict",
      `the commit of execution '${executionId}' was there and is gone: a replay has begun`,
    );
  }
  if (winner.document.attempt !== attempt.attempt) {
    await blobs.remove(blobPrefix(event.correlationid, executionId, attempt.attempt));
  }
  await relay(context, winner.document);
}

/**
 * Ends an attempt whose module has succeeded: checks its output, uploads its files, and makes
 * children, insight and counts true in one write that only one attempt of an execution can make.
 *
 * @throws IonError `invalid` or `limit` when the output breaks a rule; nothing is written then
 */
export async function commitAttempt(
  context: JobContext,
  attempt: Attempt,
  workspace: string,
  { startedAt }: AttemptTimes,
  signal: AbortSignal,
): Promise<void> {
  const { documents } = context;
  const { executionId, event } = attempt;
  const flow = event.correlationid;
  const output = inspectOutput(workspace, { module: attempt.module, events: context.pipeline().events });
  const files = await uploadFiles(context, attempt, output, signal);
  const children = makeChildren(context, attempt, output, files);
  const routed = countRouted(context, children);
  const manifest: CommitDocument = {
    kind: "commit",
    id: documentId.commit(executionId),
    flow,
    outcome: "succeeded",
    executionId,
    attempt: attempt.attempt,
    children: children.map((child) => child.event.id),
    stages: 0,
    childCount: children.length,
    files: [...files.values()],
    published: false,
  };
  const shard = counterShard(executionId, documents.limits.counterShards);
  const end: Operation[] = [
    ...endOperations(context, attempt, output, startedAt),
    { kind: "count", shard, add: countEnd(attempt, children.length, routed) },
  ];
  const inline: Operation[] = [
    { kind: "create", document: manifest },
    ...children.map((child) => childOperation(child, executionId)),
    ...end,
  ];
  const staged = !fits(context, inline);
  const atOnce = !staged && (children.length === 0 || documents.publishes);
  const winner: CommitDocument = {
    ...manifest,
    published: atOnce,
    ...(!atOnce && { due: context.clock.now() + sweepAfterMilliseconds }),
    ...(staged && { children: [], stages: await stageChildren(context, attempt, children) }),
  };
  const operations: Operation[] = [{ kind: "create", document: winner }, ...(staged ? end : inline.slice(1))];
  try {
    await documents.batch(flow, operations, atOnce ? children.map((child) => child.event) : []);
  } catch (thrown) {
    if (!hasCode(thrown, "conflict")) throw thrown;
    return yieldToWinner(context, attempt);
  }
  await relay(context, winner);
  if (routed === 0) await completeFlow(context, flow);
}
