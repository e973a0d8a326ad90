import type { FileReference } from "../contract/event.ts";
import { blobPrefix } from "../contract/ids.ts";
import type { Blobs } from "../ports/blobs.ts";
import type { Attempt } from "../ports/executor.ts";
import { inParallel } from "./in-parallel.ts";
import type { Output } from "./inspect.ts";

const parallelUploads = 4;

/**
 * Stores an attempt's files below the prefix that no other attempt shares.
 *
 * @returns path in `out/data` -> where its bytes are now
 * @throws IonError as `Blobs.put` does
 */
export async function uploadFiles(
  blobs: Blobs,
  { event, executionId, attempt }: Attempt,
  files: Output["files"],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FileReference>> {
  const prefix = blobPrefix(event.correlationid, executionId, attempt);
  const references = new Map<string, FileReference>();
  await inParallel(files, parallelUploads, signal, async ({ path, file }, either) => {
    const stored = await blobs.put(`${prefix}/${path}`, { file }, { signal: either });
    references.set(path, { path, blob: stored.path, bytes: stored.bytes, sha256: stored.sha256 });
  });
  return references;
}
