import { IonError } from "../contract/errors.ts";
import { formatBytes } from "../contract/size.ts";
import type { DocumentLimits, Operation } from "./documents.ts";

/** Bytes of an operation as they count against a batch's limit. */
export function measureOperation(operation: Operation): number {
  return "document" in operation ? Buffer.byteLength(JSON.stringify(operation.document)) : 256;
}

/**
 * Checks a batch against its store's limits.
 *
 * @throws IonError `limit` naming the limit and the value
 */
export function requireWithinLimits(operations: readonly Operation[], limits: DocumentLimits): void {
  if (operations.length > limits.operations) {
    throw new IonError(
      "limit",
      `cannot write a batch of ${operations.length} operations: at most ${limits.operations} are allowed; split it`,
    );
  }
  const bytes = operations.reduce((sum, operation) => sum + measureOperation(operation), 0);
  if (bytes > limits.bytes) {
    throw new IonError(
      "limit",
      `cannot write a batch of ${formatBytes(bytes)}: at most ${formatBytes(limits.bytes)} are allowed; split it`,
    );
  }
}
