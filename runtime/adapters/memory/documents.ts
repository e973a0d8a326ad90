import { randomUUID } from "node:crypto";
import {
  type Document,
  type DocumentKind,
  type DocumentOf,
  documentId,
  type FlowCounts,
  type FlowDocument,
  type InsightDocument,
  zeroCounts,
} from "../../contract/documents.ts";
import { IonError } from "../../contract/errors.ts";
import { maxBatchBytes, maxBatchOperations } from "../../contract/limits.ts";
import { requireWithinLimits } from "../../ports/batch.ts";
import type { DocumentLimits, Documents, Operation, Stored } from "../../ports/documents.ts";
import { flowChanges } from "../../ports/flow-changes.ts";
import type { Page, PageRequest } from "../../ports/page.ts";

export interface MemoryDocumentsOptions {
  /** @default Cosmos DB's batch limits and 4 counter shards, so that tests meet both */
  readonly limits?: Partial<DocumentLimits>;
}

type Partition = Map<string, Stored>;

function addCounts(counts: FlowCounts, add: Partial<FlowCounts>): FlowCounts {
  const sum = { ...counts };
  for (const key of Object.keys(zeroCounts) as (keyof FlowCounts)[]) sum[key] += add[key] ?? 0;
  return sum;
}

function countedDocument(
  partition: Partition,
  flow: string,
  operation: Extract<Operation, { kind: "count" }>,
): FlowDocument {
  const id = documentId.flow(operation.shard);
  const stored = partition.get(id)?.document;
  const base: FlowDocument =
    stored?.kind === "flow" ? stored : { kind: "flow", id, flow, counts: zeroCounts };
  return {
    ...base,
    counts: addCounts(base.counts, operation.add),
    ...(operation.due !== undefined && { due: operation.due }),
  };
}

function requirePossible(partition: Partition, operation: Operation): void {
  switch (operation.kind) {
    case "create":
      if (partition.has(operation.document.id)) {
        throw new IonError("conflict", `document '${operation.document.id}' is there already`);
      }
      return;
    case "replace":
    case "remove": {
      const id = operation.kind === "replace" ? operation.document.id : operation.id;
      if (partition.get(id)?.etag !== operation.etag) {
        throw new IonError("conflict", `document '${id}' was changed by somebody else`);
      }
      return;
    }
    case "put":
    case "count":
  }
}

/** Whether it writes counts of its flow, in whichever shard. */
const isOfCounts = (operation: Operation): boolean =>
  operation.kind === "count" || (operation.kind !== "remove" && operation.document.kind === "flow");

/** A page of what comes behind the last page's last item, also when that is gone: keys are in the items' order. */
function pageOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { size = 100, after }: PageRequest,
): Page<Item> {
  const rest = after === undefined ? items : items.filter((item) => keyOf(item) > after);
  const page = rest.slice(0, size);
  const last = page.at(-1);
  return { items: page, ...(last !== undefined && size < rest.length && { next: keyOf(last) }) };
}

/** A number as text that sorts as the number does, the other way round. */
const descending = (value: number): string => String(Number.MAX_SAFE_INTEGER - value).padStart(16, "0");
const insightKey = ({ time, id, flow }: InsightDocument): string => `${descending(time)} ${id} ${flow}`;

/** Documents in memory, with the limits of the cloud's store. For tests: nothing survives the process. */
export function memoryDocuments(options: MemoryDocumentsOptions = {}): Documents {
  const limits: DocumentLimits = {
    operations: maxBatchOperations,
    bytes: maxBatchBytes,
    counterShards: 4,
    ...options.limits,
  };
  const partitions = new Map<string, Partition>();
  /** Flow -> its place in the order in which they were begun. */
  const begun = new Map<string, number>();
  let order = 0;
  const changes = flowChanges();

  const partitionOf = (flow: string): Partition => partitions.get(flow) ?? new Map();
  const all = (): Stored[] => [...partitions.values()].flatMap((partition) => [...partition.values()]);

  function write(partition: Partition, flow: string, operation: Operation): void {
    if (operation.kind === "remove") {
      partition.delete(operation.id);
      return;
    }
    const document: Document =
      operation.kind === "count"
        ? countedDocument(partition, flow, operation)
        : structuredClone(operation.document);
    partition.set(document.id, { document, etag: randomUUID() });
  }

  function apply(flow: string, operations: readonly Operation[]): void {
    requireWithinLimits(operations, limits);
    if (operations.length === 0) return;
    const partition = partitionOf(flow);
    for (const operation of operations) requirePossible(partition, operation);
    partitions.set(flow, partition);
    for (const operation of operations) write(partition, flow, operation);
    if (!begun.has(flow) && operations.some(isOfCounts)) {
      order += 1;
      begun.set(flow, order);
    }
    changes.tell(flow);
  }

  return {
    limits,
    publishes: false,
    create: async (document) => apply(document.flow, [{ kind: "create", document }]),
    replace: async (document, etag) => apply(document.flow, [{ kind: "replace", document, etag }]),
    batch: async (flow, operations, events) => {
      if (events !== undefined && events.length > 0) {
        throw new IonError(
          "invalid",
          "documents in memory can't publish: publish on the bus after the batch",
        );
      }
      apply(flow, operations);
    },
    find: async <Kind extends DocumentKind>(kind: Kind, flow: string, id: string) => {
      const stored = partitionOf(flow).get(id);
      return stored?.document.kind === kind
        ? (structuredClone(stored) as Stored<DocumentOf<Kind>>)
        : undefined;
    },
    query: async <Kind extends DocumentKind>(flow: string, kind: Kind, page: PageRequest = {}) => {
      const items = [...partitionOf(flow).values()]
        .filter((stored): stored is Stored<DocumentOf<Kind>> => stored.document.kind === kind)
        .sort((a, b) => (a.document.id < b.document.id ? -1 : 1));
      return structuredClone(pageOf(items, (item) => item.document.id, page));
    },
    insights: async ({ module, since = 0 }, page = {}) => {
      const items = all()
        .map(({ document }) => document)
        .filter(
          (document) => document.kind === "insight" && document.module === module && document.time >= since,
        )
        .filter((document): document is DocumentOf<"insight"> => document.kind === "insight")
        .sort((a, b) => (insightKey(a) < insightKey(b) ? -1 : 1));
      return structuredClone(pageOf(items, insightKey, page));
    },
    due: async (now, limit) =>
      structuredClone(
        all()
          .filter(({ document }) => document.due !== undefined && document.due <= now)
          .sort((a, b) => (a.document.due ?? 0) - (b.document.due ?? 0))
          .slice(0, limit),
      ),
    flows: async (page = {}) => {
      const keyOf = (flow: string) => descending(begun.get(flow) ?? 0);
      return pageOf([...begun.keys()].reverse(), keyOf, page);
    },
    locate: async (id) => all().find(({ document }) => document.id === id)?.document.flow,
    watch: changes.watch,
    removeFlow: async (flow) => {
      partitions.delete(flow);
      begun.delete(flow);
      changes.tell(flow);
    },
  };
}
