import { createHash, randomUUID } from "node:crypto";

const separator = "\u001f";

/**
 * Derives an id from what identifies a thing, so that a repeat repeats it.
 *
 * @returns the first 16 bytes of SHA-256 over the parts joined by U+001F, as a UUID of version 8.
 *   https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8
 */
export function deriveId(...parts: readonly string[]): string {
  const bytes = createHash("sha256").update(parts.join(separator)).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** How the ids of a flow are made. One object, so that a test can show what breaks when they are not derived. */
export interface Ids {
  /** The execution of one module for one event. */
  execution(module: string, eventId: string): string;
  /** The event that an execution writes to `out/events/<fileName>`. */
  child(executionId: string, fileName: string): string;
}

export const derivedIds: Ids = {
  execution: (module, eventId) => deriveId(module, eventId),
  child: (executionId, fileName) => deriveId(executionId, fileName),
};

/** A flow's first id is the only one that is not derived, unless the sender gave a key to derive it from. */
export function rootId(idempotencyKey?: string): string {
  return idempotencyKey === undefined ? randomUUID() : deriveId("gateway", idempotencyKey);
}

/** Names one attempt of an execution; the same key submitted twice is one run. */
export function attemptKey(executionId: string, attempt: number): string {
  return `${executionId}.a${attempt}`;
}

/** Where an attempt's files lie; attempts never share a path. */
export function blobPrefix(correlationId: string, executionId: string, attempt: number): string {
  return `${correlationId}/${executionId}/a${attempt}`;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text has the form of an id of Ion's. */
export function isId(text: string): boolean {
  return uuidPattern.test(text);
}
