import { readFile } from "node:fs/promises";
import type { FlowEvent, ReportedPicture } from "./report.ts";

/** A page of 64 MiB still opens; faces past that are described without their picture. */
const maxEmbeddedBytes = 64 * 2 ** 20;

/**
 * Reads the crops of the faces in the order of the page, as many as it can carry.
 *
 * @param events the flow's events, which say where the crops lie
 * @returns event id of a face -> data URI
 */
export async function embedCrops(
  pictures: readonly ReportedPicture[],
  events: readonly FlowEvent[],
): Promise<Map<string, string>> {
  const filesOf = new Map(events.map(({ id, files }) => [id, files]));
  const crops = new Map<string, string>();
  let embedded = 0;
  for (const { eventId } of pictures.flatMap(({ faces }) => faces)) {
    const crop = filesOf.get(eventId)?.[0];
    if (crop?.local === undefined) continue;
    embedded += crop.bytes;
    if (embedded > maxEmbeddedBytes) break;
    const bytes = await readFile(crop.local);
    crops.set(eventId, `data:image/jpeg;base64,${bytes.toString("base64")}`);
  }
  return crops;
}
