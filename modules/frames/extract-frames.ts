import { existsSync } from "node:fs";
import { basename, extname } from "node:path";
import { PermanentError } from "ion/kit";
import { FfmpegError, openInput, runFfmpeg } from "../transcoder/ffmpeg/index.ts";
import { requireVideo } from "../transcoder/require-video.ts";

/** A picture of a video. */
export interface Frame {
  /** Absolute. */
  readonly file: string;
  readonly picture: string;
  /** Where in the video. */
  readonly seconds: number;
}

export interface ExtractOptions {
  /** Gives the path to write a picture to. */
  readonly output: (picture: string) => string;
  readonly signal: AbortSignal;
}

/**
 * Says when to take frames: in the middle of equal parts, so that neither the first black picture nor
 * the credits count. A video that doesn't say how long it is gives its first frame.
 */
export function spreadTimes(seconds: number | undefined, count: number): number[] {
  if (seconds === undefined) return [0];
  const part = seconds / count;
  return Array.from({ length: count }, (_, index) => Math.round((index + 0.5) * part * 1000) / 1000);
}

/** @returns whether there was a picture at that time */
async function writeFrame(
  video: string,
  seconds: number,
  file: string,
  signal: AbortSignal,
): Promise<boolean> {
  const picture = [
    "-map",
    "0:v:0",
    "-frames:v",
    "1",
    "-q:v",
    "2",
    "-f",
    "image2",
    "-update",
    "1",
    "-y",
    file,
  ];
  await runFfmpeg(["-ss", String(seconds), ...openInput(video), ...picture], { signal });
  return existsSync(file);
}

/**
 * Takes evenly spaced frames from a video, as JPEG.
 *
 * @throws PermanentError when there is no picture in it
 */
export async function* extractFrames(
  video: string,
  count: number,
  { output, signal }: ExtractOptions,
): AsyncGenerator<Frame> {
  const { seconds: length } = await requireVideo(video, signal);
  const name = basename(video, extname(video));
  let found = 0;
  try {
    for (const seconds of spreadTimes(length, count)) {
      const picture = `${name}-${String(found + 1).padStart(3, "0")}.jpg`;
      const file = output(picture);
      // A video may be shorter than it says.
      if (!(await writeFrame(video, seconds, file, signal))) continue;
      found += 1;
      yield { file, picture, seconds };
    }
  } catch (cause) {
    if (!(cause instanceof FfmpegError)) throw cause;
    throw new PermanentError(`no frame can be read from '${basename(video)}': ${cause.message}`, { cause });
  }
  if (found === 0) throw new PermanentError(`'${basename(video)}' has no picture that can be read`);
}
