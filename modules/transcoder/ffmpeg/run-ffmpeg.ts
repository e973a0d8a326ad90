import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { findFfmpeg } from "./find-ffmpeg.ts";

export interface FfmpegOptions {
  /** Ends ffmpeg when it aborts. */
  readonly signal?: AbortSignal;
  /** Called with every line of its standard output. */
  readonly onLine?: (line: string) => void;
}

/** How a run of ffmpeg ended. */
export interface FfmpegResult {
  readonly exitCode: number | null;
  /** What it said on its error stream: the last 64 KiB. */
  readonly messages: string;
}

const keptCharacters = 64 * 1024;

/**
 * Runs ffmpeg without looking at its exit code.
 *
 * @param args what follows `-hide_banner -nostdin`
 * @throws Error when the signal aborted
 */
export async function tryFfmpeg(
  args: readonly string[],
  { signal, onLine }: FfmpegOptions = {},
): Promise<FfmpegResult> {
  const { path } = await findFfmpeg();
  const child = spawn(path, ["-hide_banner", "-nostdin", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    ...(signal !== undefined && { signal }),
  });
  let messages = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    messages = (messages + text).slice(-keptCharacters);
  });
  createInterface({ input: child.stdout }).on("line", (line) => onLine?.(line));
  await once(child, "close");
  return { exitCode: child.exitCode, messages };
}

/** ffmpeg's own verdict on an input; when a signal ended it, the error is another. */
export class FfmpegError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FfmpegError";
  }
}

/**
 * Runs ffmpeg.
 *
 * @param args what follows `-hide_banner -nostdin`
 * @throws FfmpegError with ffmpeg's last message when it gives up
 * @throws Error when a signal ended it: of `options`, or of a machine that is short of memory
 */
export async function runFfmpeg(args: readonly string[], options: FfmpegOptions = {}): Promise<void> {
  const { exitCode, messages } = await tryFfmpeg(["-loglevel", "error", ...args], options);
  if (exitCode === 0) return;
  if (exitCode === null) throw new Error("ffmpeg was ended by a signal");
  throw new FfmpegError(messages.trim().split("\n").at(-1) || `exit code ${exitCode}`);
}
