import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { memoryBlobs } from "../../runtime/adapters/memory/blobs.ts";
import { memoryDocuments } from "../../runtime/adapters/memory/documents.ts";
import { documentId } from "../../runtime/contract/documents.ts";
import { type FileReference, firstEvent, type IonEvent } from "../../runtime/contract/event.ts";
import { attemptKey, deriveId } from "../../runtime/contract/ids.ts";
import type { JsonObject } from "../../runtime/contract/json.ts";
import { prepareWorkspace } from "../../runtime/job/prepare.ts";
import type { Blobs } from "../../runtime/ports/blobs.ts";
import type { Attempt } from "../../runtime/ports/executor.ts";
import { inspectContext } from "./workspace.ts";

export const flow = deriveId("flow");

export function makeEvent(changes: Partial<IonEvent> = {}): IonEvent {
  return {
    ...firstEvent({
      id: deriveId("event"),
      type: "started",
      time: "2026-01-01T00:00:00.000Z",
      data: { url: "https://example.org/" },
    }),
    correlationid: flow,
    ...changes,
  };
}

export function makeAttempt(event: IonEvent, changes: Partial<Attempt["module"]> = {}): Attempt {
  const executionId = deriveId("fetch", event.id);
  return {
    key: attemptKey(executionId, 1),
    executionId,
    attempt: 1,
    event,
    module: { ...inspectContext().module, ...changes },
    version: "1",
    executionStartedAt: 0,
    interruptions: 0,
    forgiven: 0,
  };
}

/** A folder for workspaces, and memory adapters with files put into them. */
export function makeHouse() {
  const root = mkdtempSync(join(tmpdir(), "ion-prepare-"));
  const documents = memoryDocuments();
  const blobs = memoryBlobs();
  const workspace = join(root, "work", "execution", "1");
  return {
    documents,
    blobs,
    workspace,
    read: (path: string): unknown => JSON.parse(readFileSync(join(workspace, path), "utf8")),
    async putFile(path: string, text: string, prefix = "blobs"): Promise<FileReference> {
      const blob = `${prefix}/${path}`;
      const { bytes, sha256 } = await blobs.put(blob, Readable.from([Buffer.from(text)]));
      return { path, blob, bytes, sha256 };
    },
    async putEvent(
      event: IonEvent,
      files: readonly FileReference[] = [],
      executionId?: string,
    ): Promise<void> {
      const id = documentId.event(event.id);
      await documents.create({
        kind: "event",
        id,
        flow: event.correlationid,
        event,
        files,
        ...(executionId !== undefined && { executionId }),
      });
    },
    async putInsight(executionId: string, eventId: string, insight: JsonObject): Promise<void> {
      const id = documentId.insight(executionId);
      await documents.create({
        kind: "insight",
        id,
        flow,
        module: "faces",
        executionId,
        eventId,
        insight,
        time: 0,
      });
    },
    prepare: (event: IonEvent, changes: { blobs?: Blobs; signal?: AbortSignal; joins?: string[] } = {}) =>
      prepareWorkspace(
        makeAttempt(event, changes.joins === undefined ? {} : { joins: changes.joins }),
        workspace,
        { documents, blobs: changes.blobs ?? blobs },
        changes.signal ?? new AbortController().signal,
      ),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
