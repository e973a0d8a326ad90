import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** An ffmpeg that works on this machine. */
export interface Ffmpeg {
  readonly path: string;
  /** Names of the encoders it was built with. */
  readonly encoders: ReadonlySet<string>;
}

/** A line of `ffmpeg -encoders`: ` V..... libx264 ...`. */
const encoderLine = /^ [VAS][A-Z.]{5} (\S+)/gm;

async function open(path: string): Promise<Ffmpeg> {
  const { stdout } = await execute(path, ["-hide_banner", "-encoders"]);
  return { path, encoders: new Set([...stdout.matchAll(encoderLine)].map(([, name = ""]) => name)) };
}

async function tryOpenOnPath(): Promise<Ffmpeg | undefined> {
  try {
    const ffmpeg = await open("ffmpeg");
    return ffmpeg.encoders.has("libx264") ? ffmpeg : undefined;
  } catch {
    // There is no such program, or it can't be started: the package's is used.
    return undefined;
  }
}

async function openPackage(): Promise<Ffmpeg> {
  try {
    const { path }: { path: string } = createRequire(import.meta.url)("@ffmpeg-installer/ffmpeg");
    return await open(path);
  } catch (cause) {
    throw new Error(
      "ffmpeg can't be found: none on the PATH knows libx264, and there is no package for this machine; install ffmpeg",
      { cause },
    );
  }
}

let found: Promise<Ffmpeg> | undefined;

/**
 * Finds ffmpeg, once a process: the one on the PATH, which may know this machine's GPU, else the package's.
 *
 * @throws Error when there is neither
 */
export function findFfmpeg(): Promise<Ffmpeg> {
  found ??= tryOpenOnPath().then((ffmpeg) => ffmpeg ?? openPackage());
  return found;
}
