import { runNet } from "./engine.ts";
import { type Box, longestSide, type Picture, shrink, squareAround, writeCrop } from "./picture.ts";
import { roundShare } from "./round-share.ts";

/** `accurate` is an SSD on MobileNet v1; `fast` is a tiny YOLO, which misses turned and small faces. */
export type Detector = "accurate" | "fast";

export interface DetectOptions {
  /** @default "accurate" */
  readonly detector?: Detector;
  /** Least score of a face, 0 to 1. @default 0.5 */
  readonly minScore?: number;
}

/** Where a face is, in the file's own pixels, and how sure the detector is of it (0 to 1). */
export interface Face {
  readonly score: number;
  readonly box: Box;
}

/** Both detectors scale their input to 512 or less; a face they can see survives this. */
const detectionSide = 640;

/**
 * Finds the faces of a picture.
 *
 * @returns the faces from left to right
 */
export async function detectFaces(picture: Picture, options: DetectOptions = {}): Promise<Face[]> {
  const { detector = "accurate", minScore = 0.5 } = options;
  const small = await shrink(picture, detectionSide);
  const found = await (detector === "accurate"
    ? runNet("ssdMobilenetv1", small, ({ nets, SsdMobilenetv1Options }, tensor) =>
        nets.ssdMobilenetv1.locateFaces(tensor, new SsdMobilenetv1Options({ minConfidence: minScore })),
      )
    : runNet("tinyFaceDetector", small, ({ nets, TinyFaceDetectorOptions }, tensor) =>
        nets.tinyFaceDetector.locateFaces(tensor, new TinyFaceDetectorOptions({ scoreThreshold: minScore })),
      ));
  const scale = (longestSide(picture) / longestSide(small)) * picture.scale;
  return found
    .map(({ score, box }) => ({ score: roundShare(Math.min(1, score)), box: scaleBox(box, scale) }))
    .sort((a, b) => a.box.x - b.box.x || a.box.y - b.box.y);
}

/**
 * Writes a face as JPEG: the square around its box. The classifiers learned from faces cut that
 * close; with a fifth more on each side, 7 of the 22 sample faces get another expression.
 */
export function writeFace(picture: Picture, face: Face, path: string): Promise<void> {
  return writeCrop(picture, squareAround(scaleBox(face.box, 1 / picture.scale), picture), path);
}

function scaleBox({ x, y, width, height }: Box, scale: number): Box {
  return {
    x: Math.round(x * scale),
    y: Math.round(y * scale),
    width: Math.round(width * scale),
    height: Math.round(height * scale),
  };
}
