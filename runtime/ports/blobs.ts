import type { Readable } from "node:stream";
import type { Duration } from "../contract/duration.ts";

/** A stored blob. */
export interface BlobReference {
  /** `/` between folders. */
  readonly path: string;
  readonly bytes: number;
  /** Hexadecimal; absent in listings of stores that don't keep it. */
  readonly sha256?: string;
}

export interface StoredBlob extends BlobReference {
  readonly sha256: string;
}

/** Where a blob's bytes come from: a stream, or a file that the store MAY take away instead of copying. */
export type BlobSource = Readable | { readonly file: string };

export interface PutOptions {
  /** The put fails with `limit`, and nothing stays, when the source has more bytes. @default no limit */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/** First and last byte, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Holds files. Nothing is ever held in memory whole. */
export interface Blobs {
  /**
   * Streams a source to a path. Create-only: a blob MUST NOT be changed once it is there. MUST be
   * durable when it resolves and MUST leave nothing under the path when it fails.
   *
   * @throws IonError `conflict` when the path is taken; `invalid` when the path is not one; `limit`
   */
  put(path: string, source: BlobSource, options?: PutOptions): Promise<StoredBlob>;
  /** @throws IonError `not-found` */
  get(path: string, range?: ByteRange): Promise<Readable>;
  /**
   * Brings a blob to a file that doesn't exist yet, whose folder does.
   *
   * @throws IonError `not-found`
   */
  download(path: string, file: string, signal?: AbortSignal): Promise<void>;
  /** Every blob below a prefix (a path or whole folders of it), in the order of their paths. */
  list(prefix: string): AsyncIterable<BlobReference>;
  /** Removes every blob below a prefix. MUST be safe to repeat. */
  remove(prefix: string): Promise<void>;
  /** An address at which a person can read the blob for a limited time. @throws IonError `not-found` */
  link(path: string, lifetime: Duration): Promise<URL>;
}
