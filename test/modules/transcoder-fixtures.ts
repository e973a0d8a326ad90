import { existsSync } from "node:fs";
import { join } from "node:path";
import { runFfmpeg, tryFfmpeg } from "../../modules/transcoder/ffmpeg/index.ts";

/** The original Ion's test video, read in place. */
export const bird = join(import.meta.dirname, "../../../shared/data/bird.avi");

/** Why tests of `bird` are skipped; on the build server its absence is a failure. */
export const birdMissing =
  existsSync(bird) || process.env.CI === "true" ? false : "../shared/data/bird.avi is not there";

export interface Clip {
  /** Pixels, as `WxH`. */
  readonly size: string;
  readonly seconds: number;
  /** @default false */
  readonly sound?: boolean;
}

/** Writes a moving test picture; the file's extension says which format. */
export async function makeClip(file: string, { size, seconds, sound = false }: Clip): Promise<void> {
  const picture = ["-f", "lavfi", "-i", `testsrc=size=${size}:rate=10:duration=${seconds}`];
  const tone = sound ? ["-f", "lavfi", "-i", `sine=duration=${seconds}`] : [];
  await runFfmpeg([...picture, ...tone, "-pix_fmt", "yuv420p", "-y", file]);
}

/** Decodes all of a video. @returns what ffmpeg complains about */
export async function listDecodeErrors(file: string): Promise<string> {
  const { messages } = await tryFfmpeg(["-v", "error", "-i", file, "-f", "null", "-"]);
  return messages;
}

/** Says what ffmpeg says about a file. */
export async function describe(file: string): Promise<string> {
  const { messages } = await tryFfmpeg(["-i", file]);
  return messages;
}
