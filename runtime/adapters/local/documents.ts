import {
  type Document,
  type DocumentKind,
  type DocumentOf,
  documentId,
  type InsightDocument,
} from "../../contract/documents.ts";
import { IonError } from "../../contract/errors.ts";
import type { IonEvent } from "../../contract/event.ts";
import { maxBatchBytes, maxBatchOperations } from "../../contract/limits.ts";
import { requireWithinLimits } from "../../ports/batch.ts";
import type { DocumentLimits, Documents, Operation, Stored } from "../../ports/documents.ts";
import { flowChanges } from "../../ports/flow-changes.ts";
import type { LocalBus } from "./bus.ts";
import type { DocumentRow, PageRows, RowOperation, StoredRow } from "./store/protocol.ts";
import type { Store } from "./store/store.ts";

export interface LocalDocumentsOptions {
  readonly store: Store;
  /** Publishes in the same transaction. Without it the commit protocol runs as it does in the cloud. */
  readonly bus?: LocalBus;
}

/** The cloud's limits, so that what fits here fits there; one file needs no shards. */
const limits: DocumentLimits = { operations: maxBatchOperations, bytes: maxBatchBytes, counterShards: 1 };

function timeOf(document: Document): number | null {
  if (document.kind === "insight") return document.time;
  return document.kind === "execution" ? document.startedAt : null;
}

const toRow = (document: Document): DocumentRow => ({
  id: document.id,
  kind: document.kind,
  body: JSON.stringify(document),
  due: document.due ?? null,
  module: document.kind === "insight" || document.kind === "execution" ? document.module : null,
  time: timeOf(document),
});

function toRowOperation(operation: Operation): RowOperation {
  switch (operation.kind) {
    case "create":
    case "put":
      return { kind: operation.kind, row: toRow(operation.document) };
    case "replace":
      return { kind: "replace", row: toRow(operation.document), etag: operation.etag };
    case "remove":
      return operation;
    case "count":
      return {
        kind: "count",
        id: documentId.flow(operation.shard),
        add: operation.add,
        due: operation.due ?? null,
      };
  }
}

/** Where a listing by time goes on. @throws IonError `invalid` when no page has ended there */
function requirePlace(after: string | undefined): string | null {
  if (after === undefined || /^\d{1,16}-\d{1,16}$/.test(after)) return after ?? null;
  throw new IonError(
    "invalid",
    `cannot list what comes after '${after.slice(0, 100)}': 'after' must be the 'next' of the page before`,
  );
}

const fromRow = <D extends Document>({ body, etag }: StoredRow): Stored<D> => ({
  document: JSON.parse(body) as D,
  etag,
});

function fromPage<Item>({ rows, next }: PageRows, read: (row: StoredRow) => Item) {
  return { items: rows.map(read), ...(next !== undefined && { next }) };
}

/** Documents in the data folder's file. */
export function localDocuments({ store, bus }: LocalDocumentsOptions): Documents {
  const changes = flowChanges();

  async function write(
    flow: string,
    operations: readonly Operation[],
    events: readonly IonEvent[] = [],
  ): Promise<void> {
    if (events.length > 0 && bus === undefined) {
      throw new IonError("invalid", "these documents can't publish: publish on the bus after the batch");
    }
    requireWithinLimits(operations, limits);
    const messages = bus?.route(events) ?? [];
    await store.call("batch", { flow, operations: operations.map(toRowOperation), messages });
    changes.tell(flow);
  }

  return {
    limits,
    publishes: bus !== undefined,
    create: (document) => write(document.flow, [{ kind: "create", document }]),
    replace: (document, etag) => write(document.flow, [{ kind: "replace", document, etag }]),
    batch: write,
    find: async <Kind extends DocumentKind>(kind: Kind, flow: string, id: string) => {
      const row = await store.call("find", { flow, id });
      const stored = row === null ? undefined : fromRow<DocumentOf<Kind>>(row);
      return stored?.document.kind === kind ? stored : undefined;
    },
    query: async <Kind extends DocumentKind>(
      flow: string,
      kind: Kind,
      { size = 100, after }: { size?: number; after?: string } = {},
    ) =>
      fromPage(
        await store.call("query", { flow, kind, size, after: after ?? null }),
        fromRow<DocumentOf<Kind>>,
      ),
    insights: async ({ module, since = 0 }, { size = 100, after } = {}) =>
      fromPage(
        await store.call("insights", { module, since, size, after: requirePlace(after) }),
        (row) => fromRow<InsightDocument>(row).document,
      ),
    due: async (now, limit) => (await store.call("due", { now, limit })).map((row) => fromRow<Document>(row)),
    flows: async ({ size = 100, after } = {}) => store.call("flows", { size, after: requirePlace(after) }),
    locate: async (id) => (await store.call("locate", { id })) ?? undefined,
    watch: changes.watch,
    removeFlow: async (flow) => {
      await store.call("removeFlow", { flow });
      changes.tell(flow);
    },
  };
}
