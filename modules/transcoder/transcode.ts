import { type Encoder, openInput, runFfmpeg } from "./ffmpeg/index.ts";

export const width = 1280;
export const height = 720;

export interface TranscodeOptions {
  readonly encoder: Encoder;
  readonly signal: AbortSignal;
  /** Called with the seconds of video that are done. */
  readonly onProgress: (doneSeconds: number) => void;
}

/** Square pixels first, then as large as fits, then black bars. */
const fit = [
  "scale=trunc(iw*sar/2)*2:trunc(ih/2)*2",
  "setsar=1",
  `scale=${width}:${height}:force_original_aspect_ratio=decrease`,
  `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`,
  "setsar=1",
].join(",");

/** Reads a line of ffmpeg's `-progress`. `out_time_ms` is microseconds, whatever its name says. */
export function parseDoneSeconds(line: string): number | undefined {
  const microseconds = /^out_time_ms=(\d+)$/.exec(line)?.[1];
  return microseconds === undefined ? undefined : Number(microseconds) / 1_000_000;
}

/**
 * Writes a video as H.264 and AAC in an mp4 that a browser can play while it loads.
 *
 * @throws Error with ffmpeg's messages when it fails
 */
export async function transcode(
  video: string,
  mp4: string,
  { encoder, signal, onProgress }: TranscodeOptions,
): Promise<void> {
  const streams = ["-map", "0:v:0", "-map", "0:a:0?"];
  const picture = ["-vf", `${fit},${encoder.format}`, "-c:v", encoder.name, ...encoder.quality];
  const sound = ["-c:a", "aac", "-ac", "2", "-b:a", "128k"];
  const file = ["-movflags", "+faststart", "-f", "mp4", "-y", mp4];
  const progress = ["-progress", "pipe:1", "-nostats"];
  const onLine = (line: string): void => {
    const done = parseDoneSeconds(line);
    if (done !== undefined) onProgress(done);
  };
  const args = [
    ...encoder.device,
    ...openInput(video),
    ...streams,
    ...picture,
    ...sound,
    ...progress,
    ...file,
  ];
  await runFfmpeg(args, { signal, onLine });
}
