import { type CommitDocument, documentId } from "../contract/documents.ts";
import { IonError } from "../contract/errors.ts";
import type { IonEvent } from "../contract/event.ts";
import type { Operation } from "../ports/documents.ts";
import type { JobContext } from "./context.ts";
import { markPublished } from "./mark-published.ts";

type RelayContext = Pick<JobContext, "documents" | "bus">;

const eventsPerPublish = 100;

async function findChild({ documents }: RelayContext, flow: string, eventId: string): Promise<IonEvent> {
  const stored = await documents.find("event", flow, documentId.event(eventId));
  if (stored === undefined) {
    throw new IonError(
      "not-found",
      `flow '${flow}' has no document of event '${eventId}', which its commit names`,
    );
  }
  return stored.document.event;
}

async function publishInline(context: RelayContext, commit: CommitDocument): Promise<void> {
  const events = await Promise.all(commit.children.map((id) => findChild(context, commit.flow, id)));
  for (let start = 0; start < events.length; start += eventsPerPublish) {
    await context.bus.publish(events.slice(start, start + eventsPerPublish));
  }
}

/** Splits a list so that each part fits one batch of its store. */
function* split(operations: readonly Operation[], most: number): Generator<readonly Operation[]> {
  for (let start = 0; start < operations.length; start += most) yield operations.slice(start, start + most);
}

/** Makes the children's documents from what was staged, then publishes them; the winner's stage is the only one a manifest names. */
async function publishStage(context: RelayContext, commit: CommitDocument, chunk: number): Promise<void> {
  const { documents, bus } = context;
  const { flow, executionId, attempt } = commit;
  const id = documentId.stage(executionId, attempt, chunk);
  const stored = await documents.find("stage", flow, id);
  if (stored === undefined)
    throw new IonError("not-found", `flow '${flow}' has no document '${id}', which its commit names`);
  const { children } = stored.document;
  const writes = children.map(
    ({ event, files }): Operation => ({
      kind: "put",
      document: { kind: "event", id: documentId.event(event.id), flow, event, files, executionId },
    }),
  );
  for (const part of split(writes, documents.limits.operations)) await documents.batch(flow, part);
  for (let start = 0; start < children.length; start += eventsPerPublish) {
    await bus.publish(children.slice(start, start + eventsPerPublish).map(({ event }) => event));
  }
}

/**
 * Publishes every child of a winning manifest, then marks it published. Anyone may do so at any
 * time, any number of times: message ids are the children's ids.
 */
export async function relay(context: RelayContext, commit: CommitDocument): Promise<void> {
  if (commit.published) return;
  await publishInline(context, commit);
  for (let chunk = 0; chunk < commit.stages; chunk += 1) await publishStage(context, commit, chunk);
  await markPublished(context.documents, "commit", commit.flow, commit.id);
}
