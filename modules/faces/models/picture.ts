import { readFile } from "node:fs/promises";
import type { Sharp } from "sharp";

/** Red, green and blue of every pixel, a byte each, row by row. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A decoded picture, upright, and how far it was scaled down. */
export interface Picture extends Pixels {
  /** Pixels of the file per pixel here, at least 1. */
  readonly scale: number;
}

/** A rectangle in a picture's pixels; x and y are its left upper corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The file is no picture, or a broken one: reading it again will fail again. */
export class UnreadablePictureError extends Error {
  constructor(path: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `cannot decode '${path}' as it must be a whole JPEG, PNG, WebP, GIF, TIFF or AVIF picture: ${reason}`,
      { cause },
    );
    this.name = "UnreadablePictureError";
  }
}

/** Scales are taken from the longer side, where rounding to whole pixels matters less. */
export const longestSide = ({ width, height }: Pick<Pixels, "width" | "height">): number =>
  Math.max(width, height);

/** Enough to see a face in a crowd, and an eighth of the memory of a camera's 24 megapixels. */
const maxSide = 2_048;

async function readPixels(image: Sharp): Promise<Pixels> {
  const { data, info } = await image
    .flatten({ background: "white" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/**
 * Decodes a picture, turned as its EXIF orientation says, at most 2,048 pixels a side.
 *
 * @throws UnreadablePictureError when the file is no picture or a broken one
 */
export async function readPicture(path: string): Promise<Picture> {
  const bytes = await readFile(path);
  const { default: sharp } = await import("sharp");
  try {
    const { autoOrient } = await sharp(bytes).metadata();
    const image = sharp(bytes)
      .autoOrient()
      .resize(maxSide, maxSide, { fit: "inside", withoutEnlargement: true });
    const pixels = await readPixels(image);
    return { ...pixels, scale: longestSide(autoOrient) / longestSide(pixels) };
  } catch (cause) {
    throw new UnreadablePictureError(path, cause);
  }
}

/** Scales a picture down until neither side is longer; a smaller one stays as it is. */
export async function shrink(pixels: Pixels, side: number): Promise<Pixels> {
  if (longestSide(pixels) <= side) return pixels;
  const { data, width, height } = pixels;
  const { default: sharp } = await import("sharp");
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  return readPixels(image.resize(side, side, { fit: "inside" }));
}

/** The square around a box, moved and cut so that it stays inside the picture. */
export function squareAround(box: Box, { width, height }: Pixels): Box {
  const side = Math.max(1, Math.round(Math.min(Math.max(box.width, box.height), width, height)));
  const within = (start: number, length: number) => Math.round(Math.min(Math.max(0, start), length - side));
  return {
    x: within(box.x + (box.width - side) / 2, width),
    y: within(box.y + (box.height - side) / 2, height),
    width: side,
    height: side,
  };
}

/** Cuts a part out of a picture and writes it as JPEG of at most 320 pixels a side. */
export async function writeCrop(picture: Pixels, part: Box, path: string): Promise<void> {
  const { default: sharp } = await import("sharp");
  const { data, width, height } = picture;
  await sharp(data, { raw: { width, height, channels: 3 } })
    .extract({ left: part.x, top: part.y, width: part.width, height: part.height })
    .resize(320, 320, { fit: "inside", withoutEnlargement: true })
    .jpeg({ quality: 88 })
    .toFile(path);
}
