import type { Clock } from "../contract/clock.ts";
import {
  type CommitDocument,
  counterShard,
  documentId,
  type ExecutionDocument,
  type Failure,
  type LogDocument,
} from "../contract/documents.ts";
import { milliseconds, seconds } from "../contract/duration.ts";
import { hasCode, IonError } from "../contract/errors.ts";
import type { IonEvent } from "../contract/event.ts";
import { attemptKey, type Ids } from "../contract/ids.ts";
import type { Log } from "../contract/log.ts";
import type { ModuleSpec } from "../contract/module.ts";
import type { Delivery } from "../ports/bus.ts";
import type { Documents, Operation, Stored } from "../ports/documents.ts";
import type { Attempt, EndTransition } from "../ports/executor.ts";
import { beginExecution, type Decision, decide, decideEnd, type Outcome } from "./decide.ts";
import type { Runs } from "./runs.ts";

export interface ExecutionContext {
  readonly module: ModuleSpec;
  /** What of the module runs: image digest or content hash. */
  readonly version: string;
  readonly documents: Documents;
  readonly runs: Runs;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Sees that the children of a commit are on the bus. */
  readonly relay: (commit: CommitDocument) => Promise<void>;
  /** Closes the flow if its last execution has ended. */
  readonly completeFlow: (flow: string) => Promise<unknown>;
  /** Aborts when the dispatcher takes nothing new any more. */
  readonly intake: AbortSignal;
  /** Whether what still runs is being ended: a lost run is then left to the next dispatcher. */
  readonly isEnding: () => boolean;
}

/** How long to wait until something that failed in the platform is tried again. */
export const retryAfterError = seconds(1);

function makeAttempt(
  { module }: ExecutionContext,
  event: IonEvent,
  executionId: string,
  document: ExecutionDocument,
): Attempt {
  const { attempt, version, startedAt, interruptions, forgiven } = document;
  return {
    key: attemptKey(executionId, attempt),
    executionId,
    attempt,
    event,
    module,
    version,
    executionStartedAt: startedAt,
    interruptions,
    forgiven,
  };
}

function makeLog(
  executionId: string,
  document: ExecutionDocument,
  outcome: LogDocument["outcome"],
  now: number,
  error?: Failure,
): Operation {
  const { flow, attempt, attemptStartedAt: startedAt } = document;
  const id = documentId.log(executionId, attempt);
  return {
    kind: "put",
    document: {
      kind: "log",
      id,
      flow,
      executionId,
      attempt,
      outcome,
      startedAt,
      endedAt: now,
      ...(error && { error }),
    },
  };
}

async function getExecution(
  { documents }: ExecutionContext,
  flow: string,
  executionId: string,
): Promise<Stored<ExecutionDocument>> {
  const stored = await documents.find("execution", flow, documentId.execution(executionId));
  if (stored === undefined)
    throw new IonError("not-found", `flow '${flow}' has no execution '${executionId}'`);
  return stored;
}

/** The tombstone that keeps a late attempt from committing: it is created where the commit would be. */
function makeTombstone(executionId: string, { flow, attempt }: ExecutionDocument): CommitDocument {
  return {
    kind: "commit",
    id: documentId.commit(executionId),
    flow,
    outcome: "dead",
    executionId,
    attempt,
    children: [],
    stages: 0,
    childCount: 0,
    files: [],
    published: true,
  };
}

/** @returns false when an attempt has committed meanwhile: the execution has succeeded after all */
async function bury(
  context: ExecutionContext,
  executionId: string,
  document: ExecutionDocument,
  etag: string,
  failure: Failure,
): Promise<boolean> {
  const { documents, clock } = context;
  const shard = counterShard(executionId, documents.limits.counterShards);
  const add = document.afterflow ? { trailing: -1 } : { running: -1, failed: 1 };
  try {
    await documents.batch(document.flow, [
      { kind: "create", document: makeTombstone(executionId, document) },
      { kind: "replace", document, etag },
      makeLog(executionId, document, "failed", clock.now(), failure),
      { kind: "count", shard, add },
    ]);
    return true;
  } catch (thrown) {
    if (hasCode(thrown, "conflict")) return false;
    throw thrown;
  }
}

/** An executor that can't be reached has not begun the attempt: it's submitted again, and counts once. */
async function runAttempt(
  { runs, clock, log, intake }: ExecutionContext,
  attempt: Attempt,
): Promise<EndTransition> {
  for (;;) {
    try {
      return await runs.run(attempt);
    } catch (error) {
      if (!hasCode(error, "unavailable") || intake.aborted) throw error;
      log.warn({ attempt: attempt.key, error }, "cannot start an attempt; it is tried again");
      await clock.wait(retryAfterError.milliseconds, intake);
    }
  }
}

async function finish(
  { documents, relay, completeFlow }: ExecutionContext,
  flow: string,
  executionId: string,
): Promise<void> {
  const commit = await documents.find("commit", flow, documentId.commit(executionId));
  if (commit !== undefined) await relay(commit.document);
  await completeFlow(flow);
}

/** One delivery, from its arrival to its settlement. */
export async function handleDelivery(context: ExecutionContext, delivery: Delivery): Promise<void> {
  const { documents, runs, clock, module, version, ids } = context;
  const { event } = delivery;
  const flow = event.correlationid;
  const executionId = ids.execution(module.name, event.id);
  const arrivedAt = clock.now();

  /** A first delivery costs one write; only a repeat has to read. */
  async function begin(): Promise<Step> {
    const document = beginExecution(executionId, event, module, version, clock.now());
    try {
      await documents.create(document);
      return { kind: "started", document };
    } catch (thrown) {
      if (!hasCode(thrown, "conflict")) throw thrown;
    }
    return decideAgain();
  }

  async function decideAgain(): Promise<Step> {
    const stored = await getExecution(context, flow, executionId);
    const { document } = stored;
    const isRunning = document.phase === "running" && (await runs.isRunning(executionId, document.attempt));
    return write(decide({ document, isRunning, arrivedAt, version, now: clock.now() }), stored);
  }

  async function afterEnd(end: EndTransition): Promise<Step> {
    if (end.state === "succeeded") return { kind: "settle" };
    if (end.state === "lost" && context.isEnding()) return { kind: "handBack" };
    const stored = await getExecution(context, flow, executionId);
    if (attemptKey(executionId, stored.document.attempt) !== end.key) return decideAgain();
    if (stored.document.phase !== "running") return decideAgain();
    const { document } = stored;
    return write(
      decideEnd({ document, end, module, version, now: clock.now(), random: context.random() }),
      stored,
    );
  }

  /** Makes a decision durable; whoever has written first is asked again. */
  async function write(
    decision: Decision | Outcome,
    { document, etag }: Stored<ExecutionDocument>,
  ): Promise<Step> {
    const now = clock.now();
    try {
      switch (decision.kind) {
        case "join":
        case "wait":
          return decision;
        case "setAside":
          // Whoever buried it may have died before it closed the flow.
          await context.completeFlow(flow);
          return decision;
        case "finish":
          await finish(context, flow, executionId);
          return { kind: "settle" };
        case "run":
          await documents.batch(flow, [
            { kind: "replace", document: decision.document, etag },
            ...(document.phase === "running" ? [makeLog(executionId, document, "interrupted", now)] : []),
          ]);
          return { kind: "started", document: decision.document };
        case "retry":
          await documents.batch(flow, [
            { kind: "replace", document: decision.document, etag },
            makeLog(executionId, document, "failed", now, decision.failure),
          ]);
          return { kind: "wait", milliseconds: decision.delayMilliseconds, reason: decision.failure.message };
        case "bury": {
          if (!(await bury(context, executionId, decision.document, etag, decision.failure)))
            return await decideAgain();
          await context.completeFlow(flow);
          return { kind: "setAside", failure: decision.failure };
        }
      }
    } catch (thrown) {
      if (hasCode(thrown, "conflict")) return decideAgain();
      throw thrown;
    }
  }

  let step: Step = context.intake.aborted ? { kind: "handBack" } : await begin();
  for (;;) {
    switch (step.kind) {
      case "started":
        if (context.isEnding()) step = { kind: "handBack" };
        else
          step = await afterEnd(
            await runAttempt(context, makeAttempt(context, event, executionId, step.document)),
          );
        break;
      case "join":
        step = await afterEnd(await runs.join(executionId, step.document.attempt));
        break;
      case "settle":
        return delivery.complete();
      case "wait":
        return delivery.retry(milliseconds(step.milliseconds), step.reason ?? "not yet due");
      case "handBack":
        return delivery.retry(milliseconds(0), "the dispatcher stops");
      case "setAside":
        return delivery.deadLetter({ code: step.failure.code, description: step.failure.message });
    }
  }
}

/** What is to be done next, after all that was decided has been written. */
type Step =
  | { readonly kind: "started" | "join"; readonly document: ExecutionDocument }
  | { readonly kind: "wait"; readonly milliseconds: number; readonly reason?: string }
  | { readonly kind: "setAside"; readonly failure: Failure }
  | { readonly kind: "settle" | "handBack" };
