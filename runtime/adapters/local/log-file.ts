import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { findSystemErrorCode } from "../../contract/file-error.ts";
import { formatBytes } from "../../contract/size.ts";

/** What is kept of the end of a log that is too large, in bytes. */
const maxTailBytes = 64 * 1024;

/** `<execution id>.a<attempt>`: nothing else may become a path. */
const keyPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.a[1-9][0-9]*$/;

/** @param key of a run */
export function logPath(folder: string, key: string): string {
  return join(folder, "logs", key.slice(0, 2), `${key}.log`);
}

/** @returns undefined when the text is not a run's key */
export function findLogPath(folder: string, text: string): string | undefined {
  return keyPattern.test(text) ? logPath(folder, text) : undefined;
}

/** What one run prints, on its way to a file. */
export interface LogFile {
  write(chunk: Buffer): void;
  /** Writes the end of the log; the last lines of what was printed stay readable. */
  close(): void;
  /** The end of what was printed, up to 64 KiB of it. */
  readTail(): string;
}

/** The last bytes of a stream, a chunk more at most. */
function tailOf(maxBytes: number) {
  let chunks: Buffer[] = [];
  let bytes = 0;
  return {
    push(chunk: Buffer) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes < 2 * maxBytes) return;
      const last = Buffer.concat(chunks).subarray(-maxBytes);
      chunks = [last];
      bytes = last.length;
    },
    read: (): Buffer => Buffer.concat(chunks).subarray(-maxBytes),
  };
}

function openForWriting(path: string): number {
  try {
    return openSync(path, "w");
  } catch (thrown) {
    if (findSystemErrorCode(thrown) !== "ENOENT") throw thrown;
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, "w");
  }
}

/** A file that is made with its first byte, and given up with its first error. */
function lazyFile(path: string) {
  let descriptor: number | undefined;
  let broken = false;
  return {
    write(bytes: Uint8Array | string) {
      if (broken) return;
      try {
        descriptor ??= openForWriting(path);
        const all = Buffer.from(bytes);
        for (let written = 0; written < all.length; ) written += writeSync(descriptor, all, written);
      } catch {
        // A log is for people: a full disk fails the run where it matters, at its commit.
        broken = true;
      }
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

/**
 * Keeps the first and the last of what a run prints, and says how much was cut between them.
 *
 * @param path a log of an earlier run there is removed
 * @param maxBytes of the whole file, the line about the cut not counted
 */
export function logFile(path: string, maxBytes: number): LogFile {
  const tailBytes = Math.min(maxTailBytes, Math.floor(maxBytes / 2));
  const headBytes = maxBytes - tailBytes;
  const tail = tailOf(tailBytes);
  const file = lazyFile(path);
  let total = 0;
  return {
    write(chunk) {
      if (total === 0) rmSync(path, { force: true });
      if (total < headBytes) file.write(chunk.subarray(0, headBytes - total));
      total += chunk.length;
      tail.push(chunk);
    },
    close() {
      const cut = total - headBytes - tailBytes;
      if (cut > 0)
        file.write(`\n[${formatBytes(cut)} cut here: the log's limit is ${formatBytes(maxBytes)}]\n`);
      if (total > headBytes) file.write(tail.read().subarray(-Math.min(tailBytes, total - headBytes)));
      file.close();
    },
    readTail: () => tail.read().toString(),
  };
}
