import { constants, copyFileSync, mkdirSync, rmdirSync, statSync } from "node:fs";
import { copyFile, open, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { IonError } from "../../contract/errors.ts";
import { fileError, findSystemErrorCode } from "../../contract/file-error.ts";
import { requireBlobPath, requireRange } from "../../ports/blob-path.ts";
import type { BlobSource, Blobs, StoredBlob } from "../../ports/blobs.ts";
import { durableFolders } from "./durable-folders.ts";
import { listBlobs } from "./list-blobs.ts";
import { putFile, putStream, requireFree, type Store } from "./put-blob.ts";
import { emptyFolder } from "./temporary-file.ts";

/** Blobs up to this size are copied without leaving the event loop: it takes less time than asking for it. */
const smallBytes = 256 * 1024;
const readChunkBytes = 256 * 1024;
/** Shares the blocks where the disk can, and never writes over a file. */
const copyMode = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL;

export interface LocalBlobsOptions {
  /** Blobs are in its folder `blobs`; one process may use it at a time. */
  readonly folder: string;
}

function readError(path: string, thrown: unknown): IonError {
  const code = findSystemErrorCode(thrown);
  if (code !== "ENOENT" && code !== "ENOTDIR") return fileError(`read blob '${path}'`, thrown);
  return new IonError("not-found", `there is no blob '${path}'`, { cause: thrown });
}

function getSize({ root }: Store, path: string): number {
  requireBlobPath(path);
  try {
    const stats = statSync(join(root, path));
    if (stats.isFile()) return stats.size;
  } catch (thrown) {
    throw readError(path, thrown);
  }
  throw new IonError("not-found", `there is no blob '${path}': it is a folder of blobs`);
}

async function requireWhole(file: string, bytes: number, signal?: AbortSignal): Promise<void> {
  const copied = statSync(file).size;
  if (copied === bytes && signal?.aborted !== true) return;
  await rm(file, { force: true });
  const reason = copied === bytes ? "the caller aborted" : `${copied} of ${bytes} bytes came`;
  throw new IonError("unavailable", `cannot bring a blob to '${file}': ${reason}`);
}

async function copyOut(store: Store, path: string, file: string, signal?: AbortSignal): Promise<void> {
  const bytes = getSize(store, path);
  try {
    signal?.throwIfAborted();
    const source = join(store.root, path);
    if (bytes <= smallBytes) copyFileSync(source, file, copyMode);
    else await copyFile(source, file, copyMode);
  } catch (thrown) {
    throw fileError(`bring blob '${path}' to '${file}'`, thrown);
  }
  await requireWhole(file, bytes, signal);
}

async function removeBelow({ root }: Store, target: string): Promise<void> {
  try {
    await rm(target, { recursive: true, force: true });
    for (let each = dirname(target); each !== root; each = dirname(each)) rmdirSync(each);
  } catch (thrown) {
    // Another blob is in the folder, or somebody has taken the folder away.
    if (["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"].includes(findSystemErrorCode(thrown) ?? "")) return;
    throw thrown;
  }
}

function destroy(source: BlobSource): void {
  if (!("file" in source)) source.destroy();
}

/**
 * Keeps blobs as files of a folder. A blob gets its name once all its bytes are on disk, so that a
 * crash at any instant leaves it whole or not there.
 *
 * @throws IonError `denied` when the folder can't be made
 */
export function localBlobs(options: LocalBlobsOptions): Blobs {
  const root = resolve(options.folder, "blobs");
  const temporary = resolve(options.folder, "blobs-tmp");
  try {
    mkdirSync(root, { recursive: true });
    emptyFolder(temporary);
  } catch (thrown) {
    throw fileError(`make the folder '${root}'`, thrown);
  }
  const store: Store = { root, temporary, folders: durableFolders(root) };
  return {
    async put(path, source, putOptions = {}): Promise<StoredBlob> {
      try {
        requireBlobPath(path);
        putOptions.signal?.throwIfAborted();
        const target = join(root, path);
        requireFree(path, target);
        const content =
          "file" in source
            ? await putFile(store, target, source.file, putOptions)
            : await putStream(store, target, source, putOptions);
        return { path, ...content };
      } catch (thrown) {
        destroy(source);
        throw fileError(`store blob '${path}'`, thrown);
      }
    },
    async get(path, range) {
      const bytes = getSize(store, path);
      const part = range === undefined ? {} : requireRange(path, bytes, range);
      try {
        const handle = await open(join(root, path));
        return handle.createReadStream({ ...part, highWaterMark: readChunkBytes });
      } catch (thrown) {
        throw readError(path, thrown);
      }
    },
    download: (path, file, signal) => copyOut(store, path, file, signal),
    async *list(prefix) {
      if (prefix !== "") requireBlobPath(prefix);
      yield* listBlobs(root, prefix, prefix);
    },
    async remove(prefix) {
      requireBlobPath(prefix);
      try {
        await removeBelow(store, join(root, prefix));
      } catch (thrown) {
        throw fileError(`remove the blobs below '${prefix}'`, thrown);
      }
    },
    async link(path) {
      getSize(store, path);
      return pathToFileURL(join(root, path));
    },
  };
}
