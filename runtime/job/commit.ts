import {
  type CommitDocument,
  counterShard,
  documentId,
  type ExecutionDocument,
  type FlowCounts,
  sweepAfterMilliseconds,
} from "../contract/documents.ts";
import { hasCode, IonError } from "../contract/errors.ts";
import { blobPrefix } from "../contract/ids.ts";
import { measureOperation } from "../ports/batch.ts";
import type { Operation } from "../ports/documents.ts";
import type { Attempt } from "../ports/executor.ts";
import { type Child, makeChildren, stageManifest } from "./children.ts";
import { completeFlow } from "./completion.ts";
import type { JobContext } from "./context.ts";
import { inspectOutput, type Output } from "./inspect.ts";
import { relay } from "./relay.ts";
import { uploadFiles } from "./upload-files.ts";

export interface AttemptTimes {
  /** When the attempt began, in milliseconds since 1970. */
  readonly startedAt: number;
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
  // The winner may have been cut off before it looked, this attempt itself among them.
  await completeFlow(context, event.correlationid);
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
  const files = await uploadFiles(context.blobs, attempt, output.files, signal);
  const children = makeChildren(context, attempt, output.children, files);
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
    ...(staged && {
      children: [],
      files: [],
      stages: await stageManifest(context.documents, attempt, children, manifest.files),
    }),
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
