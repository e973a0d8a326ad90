import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";

async function isOnPath(program: string): Promise<boolean> {
  const child = spawn(program, ["-version"], { stdio: "ignore" });
  try {
    const [exitCode]: unknown[] = await once(child, "exit");
    return exitCode === 0;
  } catch {
    // There is no such program, or it can't be started: the package's is used.
    return false;
  }
}

function findInPackage(): string {
  try {
    const { path }: { path: string } = createRequire(import.meta.url)("@ffmpeg-installer/ffmpeg");
    return path;
  } catch (cause) {
    throw new Error(
      "ffmpeg can't be found: it is not on the PATH and its package has none for this machine. Install ffmpeg",
      { cause },
    );
  }
}

let found: Promise<string> | undefined;

/**
 * Finds ffmpeg: the one on the PATH, which may know this machine's GPU, else the package's.
 *
 * @throws Error when there is neither
 */
export function findFfmpeg(): Promise<string> {
  found ??= isOnPath("ffmpeg").then((onPath) => (onPath ? "ffmpeg" : findInPackage()));
  return found;
}
