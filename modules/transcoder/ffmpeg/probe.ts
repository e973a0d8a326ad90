import { basename } from "node:path";
import { tryFfmpeg } from "./run-ffmpeg.ts";

/** What ffmpeg says about a video. */
export interface Video {
  /** Undefined when the file doesn't say. */
  readonly seconds: number | undefined;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

const durationLine = /Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/;
const videoLine = /Stream #.*Video: .*?[ ,](\d{2,5})x(\d{2,5})/;

/** Arguments that open an input which is a file and nothing else: no address that a playlist names. */
export function openInput(file: string): string[] {
  return ["-protocol_whitelist", "file", "-i", file];
}

/** Reads what `ffmpeg -i` prints; undefined when there is no video in it. */
export function parseVideo(messages: string): Video | undefined {
  const size = videoLine.exec(messages);
  if (size === null) return undefined;
  const [, hours, minutes, seconds] = durationLine.exec(messages) ?? [];
  const known = hours !== undefined && minutes !== undefined && seconds !== undefined;
  return {
    seconds: known ? Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) : undefined,
    width: Number(size[1]),
    height: Number(size[2]),
  };
}

/**
 * Looks into a video.
 *
 * @throws Error naming the file and ffmpeg's reason when it is no video
 */
export async function probeVideo(file: string, signal?: AbortSignal): Promise<Video> {
  const { messages } = await tryFfmpeg(openInput(file), signal === undefined ? {} : { signal });
  const video = parseVideo(messages);
  if (video !== undefined) return video;
  const reasons = messages.trim().split("\n");
  const reason = reasons.findLast((line) => !line.startsWith("At least one output")) ?? "no reason given";
  throw new Error(
    `no video can be read from '${basename(file)}': ${reason.replace(`${file}: `, "")}. Send a file that ffmpeg can read`,
  );
}
