import { readFile } from "node:fs/promises";
import type { FlowInput } from "ion";
import { faceFound } from "../events.ts";

/** A page of 64 MiB still opens; faces past that are described without their picture. */
const maxEmbeddedBytes = 64 * 2 ** 20;

/**
 * Reads the crops of a flow's faces, as many as a page can carry.
 *
 * @returns event id of a face -> data URI
 */
export async function embedCrops({ events }: FlowInput): Promise<Map<string, string>> {
  const crops = new Map<string, string>();
  let embedded = 0;
  for (const { id, type, files } of events) {
    const [crop] = files;
    if (type !== faceFound.type || crop?.local === undefined) continue;
    embedded += crop.bytes;
    if (embedded > maxEmbeddedBytes) break;
    const bytes = await readFile(crop.local);
    crops.set(id, `data:image/jpeg;base64,${bytes.toString("base64")}`);
  }
  return crops;
}
