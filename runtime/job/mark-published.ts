import { hasCode } from "../contract/errors.ts";
import type { Documents } from "../ports/documents.ts";

/** Notes that what a document says is on the bus: no sweeper looks at it any more. Safe to repeat. */
export async function markPublished(
  documents: Documents,
  kind: "event" | "commit",
  flow: string,
  id: string,
): Promise<void> {
  const stored = await documents.find(kind, flow, id);
  if (stored === undefined || stored.document.published === true) return;
  const { due: _, ...document } = stored.document;
  try {
    await documents.replace({ ...document, published: true }, stored.etag);
  } catch (thrown) {
    // Somebody else published the same and marked it first.
    if (!hasCode(thrown, "conflict")) throw thrown;
  }
}
