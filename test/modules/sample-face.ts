import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { detectFaces, readPicture, samplePictures, writeFace } from "../../modules/faces/models/index.ts";

/** Cuts the laughing woman on the right out of the first sample picture, into a folder that goes when it is disposed of. */
export async function cutSampleFace(): Promise<{ readonly path: string } & Disposable> {
  const [sample] = samplePictures();
  assert.ok(sample !== undefined);
  const picture = await readPicture(sample);
  const face = (await detectFaces(picture)).at(-1);
  assert.ok(face !== undefined);
  const folder = mkdtempSync(join(tmpdir(), "ion-sample-face-"));
  const path = join(folder, "face.jpg");
  await writeFace(picture, face, path);
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

/** An event for the face; the classifiers look at its file alone. */
export const sampleFaceEvent = {
  type: "face_found",
  data: { picture: "sample1.jpg", score: 0.99, box: { x: 1476, y: 200, width: 201, height: 238 } },
} as const;
