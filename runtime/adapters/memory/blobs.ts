import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, rm, writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { IonError } from "../../contract/errors.ts";
import { fileError } from "../../contract/file-error.ts";
import { requireBlobPath, requireRange } from "../../ports/blob-path.ts";
import type { BlobSource, Blobs, PutOptions, StoredBlob } from "../../ports/blobs.ts";

async function openSource(source: BlobSource): Promise<Readable> {
  if (!("file" in source)) return source;
  const stats = await lstat(source.file);
  if (stats.isFile()) return createReadStream(source.file);
  throw new IonError("invalid", `'${source.file}' must be a regular file, not a link, folder or device`);
}

async function collect(source: Readable, { maxBytes, signal }: PutOptions): Promise<Buffer> {
  const parts: Buffer[] = [];
  let total = 0;
  const consume = async (chunks: AsyncIterable<Uint8Array | string>) => {
    for await (const chunk of chunks) {
      const part = Buffer.from(chunk);
      total += part.length;
      if (maxBytes !== undefined && total > maxBytes) {
        throw new IonError("limit", `cannot store more than ${maxBytes} bytes here: the source has more`);
      }
      parts.push(part);
    }
  };
  await pipeline(source, consume, signal === undefined ? {} : { signal });
  return Buffer.concat(parts);
}

function isBelow(path: string, prefix: string): boolean {
  return prefix === "" || path === prefix || path.startsWith(`${prefix}/`);
}

/** Keeps blobs in memory, for tests. */
export function memoryBlobs(): Blobs {
  const blobs = new Map<string, Buffer>();
  const getBytes = (path: string): Buffer => {
    requireBlobPath(path);
    const bytes = blobs.get(path);
    if (bytes === undefined) throw new IonError("not-found", `there is no blob '${path}'`);
    return bytes;
  };
  const requireFree = (path: string) => {
    if (!blobs.has(path)) return;
    throw new IonError(
      "conflict",
      `cannot store blob '${path}': the path is taken, and a blob is never changed`,
    );
  };
  const store = async (path: string, source: BlobSource, options: PutOptions): Promise<StoredBlob> => {
    requireBlobPath(path);
    options.signal?.throwIfAborted();
    requireFree(path);
    const bytes = await collect(await openSource(source), options);
    requireFree(path);
    blobs.set(path, bytes);
    return { path, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
  };
  const listPaths = (prefix: string): string[] => {
    if (prefix !== "") requireBlobPath(prefix);
    return [...blobs.keys()].filter((path) => isBelow(path, prefix)).toSorted();
  };
  return {
    async put(path, source, options = {}) {
      try {
        const stored = await store(path, source, options);
        if ("file" in source) await rm(source.file);
        return stored;
      } catch (thrown) {
        if (!("file" in source)) source.destroy();
        throw fileError(`store blob '${path}'`, thrown);
      }
    },
    async get(path, range) {
      const bytes = getBytes(path);
      const { start, end } =
        range === undefined ? { start: 0, end: bytes.length - 1 } : requireRange(path, bytes.length, range);
      return Readable.from([bytes.subarray(start, end + 1)], { objectMode: false });
    },
    async download(path, file, signal) {
      const bytes = getBytes(path);
      try {
        signal?.throwIfAborted();
        await writeFile(file, bytes, { flag: "wx" });
      } catch (thrown) {
        throw fileError(`bring blob '${path}' to '${file}'`, thrown);
      }
    },
    async *list(prefix) {
      for (const path of listPaths(prefix)) yield { path, bytes: blobs.get(path)?.length ?? 0 };
    },
    async remove(prefix) {
      requireBlobPath(prefix);
      for (const path of listPaths(prefix)) blobs.delete(path);
    },
    async link(path) {
      getBytes(path);
      return new URL(`memory:///${path.split("/").map(encodeURIComponent).join("/")}`);
    },
  };
}
