import {
  type CommitDocument,
  counterShard,
  documentId,
  type ExecutionDocument,
} from "../contract/documents.ts";
import { hasCode } from "../contract/errors.ts";
import type { Ids } from "../contract/ids.ts";
import type { Bus, DeadLetter } from "../ports/bus.ts";
import type { Documents, Stored } from "../ports/documents.ts";

export interface ReplayContext {
  readonly bus: Bus;
  readonly documents: Documents;
  readonly ids: Ids;
}

/** A dead execution waits for its next attempt again, with all its attempts before it. */
function reopened({ document }: Stored<ExecutionDocument>): ExecutionDocument {
  const { endedAt: _, ...rest } = document;
  return { ...rest, phase: "waiting", notBefore: 0, forgiven: document.attempt, interruptions: 0 };
}

async function openAgain(
  { documents }: ReplayContext,
  executionId: string,
  stored: Stored<ExecutionDocument>,
  tombstone: Stored<CommitDocument>,
): Promise<void> {
  const { flow, afterflow } = stored.document;
  const shard = counterShard(executionId, documents.limits.counterShards);
  const add = afterflow ? { trailing: 1 } : { running: 1, failed: -1, reopened: 1 };
  await documents.batch(flow, [
    { kind: "remove", id: tombstone.document.id, etag: tombstone.etag },
    { kind: "replace", document: reopened(stored), etag: stored.etag },
    // Due at once: the sweeper, which had done with the flow, looks after it again.
    { kind: "count", shard, add, due: 0 },
  ]);
}

/**
 * Gives a dead letter another life: opens its execution and its flow again, then makes the message
 * deliverable. Safe to repeat after a crash in between.
 *
 * @throws IonError `not-found` when the dead letter is gone
 */
export async function replayDeadLetter(
  context: ReplayContext,
  { event, subscription }: DeadLetter,
): Promise<void> {
  const flow = event.correlationid;
  const executionId = context.ids.execution(subscription.module, event.id);
  const stored = await context.documents.find("execution", flow, documentId.execution(executionId));
  const tombstone = await context.documents.find("commit", flow, documentId.commit(executionId));
  if (stored?.document.phase === "dead" && tombstone !== undefined) {
    try {
      await openAgain(context, executionId, stored, tombstone);
    } catch (thrown) {
      // Somebody else replays the same dead letter; the message below is theirs and ours.
      if (!hasCode(thrown, "conflict")) throw thrown;
    }
  }
  await context.bus.deadLetters(subscription).resubmit(event.id);
}
