import type {
  Document,
  DocumentKind,
  DocumentOf,
  FlowCounts,
  InsightDocument,
} from "../contract/documents.ts";
import type { IonEvent } from "../contract/event.ts";
import type { Page, PageRequest } from "./page.ts";

/** A document as it was read, with the mark of its version. */
export interface Stored<D extends Document = Document> {
  readonly document: D;
  readonly etag: string;
}

/** One write of a batch. */
export type Operation =
  /** Fails the batch with `conflict` when the id is taken. */
  | { readonly kind: "create"; readonly document: Document }
  /** Fails the batch with `conflict` when the document has another etag or is gone. */
  | { readonly kind: "replace"; readonly document: Document; readonly etag: string }
  /** Writes whatever was there. */
  | { readonly kind: "put"; readonly document: Document }
  /** Fails the batch with `conflict` when the document has another etag or is gone. */
  | { readonly kind: "remove"; readonly id: string; readonly etag: string }
  /** Adds to a flow's counts; MUST make the document when it is absent. Sets `due` when given. */
  | {
      readonly kind: "count";
      readonly shard: number;
      readonly add: Partial<FlowCounts>;
      readonly due?: number;
    };

export interface DocumentLimits {
  /** Operations of one batch. */
  readonly operations: number;
  /** Bytes of one batch, serialised. */
  readonly bytes: number;
  /** Documents that a flow's counts are spread over, so that writers don't queue behind one. */
  readonly counterShards: number;
}

/** Holds what was done: one partition a flow. Every read MUST see every write that resolved before it began. */
export interface Documents {
  readonly limits: DocumentLimits;
  /** Whether `batch` can publish events in the same atom. */
  readonly publishes: boolean;
  /** @throws IonError `conflict` when the id is taken; `limit` when the document is too large */
  create(document: Document): Promise<void>;
  find<Kind extends DocumentKind>(
    kind: Kind,
    flow: string,
    id: string,
  ): Promise<Stored<DocumentOf<Kind>> | undefined>;
  /** @throws IonError `conflict` when the document has another etag or is gone */
  replace(document: Document, etag: string): Promise<void>;
  /**
   * Writes all or nothing, durably.
   *
   * @param events published in the same atom, where `publishes` says so
   * @throws IonError `conflict` as the operations say; `limit` when the batch passes `limits`; `invalid` when events are given and can't be
   */
  batch(flow: string, operations: readonly Operation[], events?: readonly IonEvent[]): Promise<void>;
  /** The documents of one kind in one flow, in the order of their ids. Page by page is not a snapshot. */
  query<Kind extends DocumentKind>(
    flow: string,
    kind: Kind,
    page?: PageRequest,
  ): Promise<Page<Stored<DocumentOf<Kind>>>>;
  /** Insights over all flows, newest first. */
  insights(
    filter: { readonly module: string; readonly since?: number },
    page?: PageRequest,
  ): Promise<Page<InsightDocument>>;
  /** Documents over all flows whose `due` is not after the given time, most overdue first. */
  due(now: number, limit: number): Promise<readonly Stored[]>;
  /** Flows, the one begun last first. */
  flows(page?: PageRequest): Promise<Page<string>>;
  /** The flow that has a document of this id: a search over all flows, for people's commands only. */
  locate(id: string): Promise<string | undefined>;
  /** One item, soon, after any write to the flow's documents from now on; several writes MAY be one item. */
  watch(flow: string, signal: AbortSignal): AsyncIterable<void>;
  /** Removes all documents of a flow. MUST be safe to repeat. */
  removeFlow(flow: string): Promise<void>;
}
