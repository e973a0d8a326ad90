import { fileURLToPath } from "node:url";

/** Paths of the six pictures that come with the models: 22 faces of groups of three to five people. */
export function samplePictures(): string[] {
  return [1, 2, 3, 4, 5, 6].map((number) =>
    fileURLToPath(import.meta.resolve(`@vladmandic/face-api/demo/sample${number}.jpg`)),
  );
}
