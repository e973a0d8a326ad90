import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { IonError } from "../../contract/errors.ts";
import type { PutOptions } from "../../ports/blobs.ts";
import type { Content } from "./settle-file.ts";

/** A file whose bytes are whole and durable, but which is not yet where it belongs. */
export interface TemporaryFile extends Content {
  readonly file: string;
}

/** Makes the folder for temporary files, without what a crash has left in it. */
export function emptyFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

export function requireWithin(bytes: number, maxBytes = Number.POSITIVE_INFINITY): void {
  if (bytes <= maxBytes) return;
  throw new IonError("limit", `cannot store more than ${maxBytes} bytes here: the source has more`);
}

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === "string") return Buffer.from(chunk);
  throw new IonError("invalid", `cannot store a ${typeof chunk}: the source must give bytes`);
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await handle.write(bytes, written)).bytesWritten;
  }
}

async function fill(handle: FileHandle, source: Readable, options: PutOptions): Promise<Content> {
  const hash = createHash("sha256");
  let total = 0;
  const consume = async (chunks: AsyncIterable<unknown>) => {
    for await (const chunk of chunks) {
      const bytes = toBytes(chunk);
      total += bytes.length;
      requireWithin(total, options.maxBytes);
      const writing = writeAll(handle, bytes);
      hash.update(bytes);
      await writing;
    }
  };
  await pipeline(source, consume, options.signal === undefined ? {} : { signal: options.signal });
  await handle.datasync();
  return { bytes: total, sha256: hash.digest("hex") };
}

/**
 * Streams a source into a file with a name of its own; when that fails the source is destroyed and no file stays.
 *
 * @throws IonError `limit` when the source has more than `maxBytes`
 */
export async function writeTemporary(
  folder: string,
  source: Readable,
  options: PutOptions,
): Promise<TemporaryFile> {
  const file = join(folder, randomUUID());
  const handle = await open(file, "wx");
  try {
    const content = await fill(handle, source, options);
    await handle.close();
    return { file, ...content };
  } catch (thrown) {
    await handle.close();
    await unlink(file);
    throw thrown;
  }
}
