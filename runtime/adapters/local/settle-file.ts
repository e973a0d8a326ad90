import { createHash, type Hash, hash as hashWhole } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fdatasync,
  fstatSync,
  openSync,
  readSync,
  type Stats,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { IonError } from "../../contract/errors.ts";

/** Files up to this size are read at once, which costs less than reading in turns. */
const smallBytes = 256 * 1024;
/** Large enough that reading keeps ahead of hashing. */
const chunkBytes = 2 ** 20;
/** A blob is its owner's to write and everybody's to read, whatever mode its file had. */
const blobMode = 0o644;
const readOnly = constants.O_RDONLY | constants.O_NOFOLLOW;

const syncData = promisify(fdatasync);

export interface Content {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

async function settleSmall(file: string, size: number): Promise<Content> {
  const descriptor = openSync(file, readOnly);
  try {
    // Room for one byte more than expected shows a file that grew.
    const buffer = Buffer.allocUnsafe(size + 1);
    const bytes = readSync(descriptor, buffer, 0, buffer.length, 0);
    if ((fstatSync(descriptor).mode & 0o7777) !== blobMode) fchmodSync(descriptor, blobMode);
    await syncData(descriptor);
    return { bytes, sha256: hashWhole("sha256", buffer.subarray(0, bytes), "hex") };
  } finally {
    closeSync(descriptor);
  }
}

async function hashChunks(handle: FileHandle, hash: Hash, signal?: AbortSignal): Promise<number> {
  // Two buffers: the next chunk is read while the last one is hashed.
  let [filling, full] = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)];
  let total = 0;
  let reading = handle.read(filling, 0, chunkBytes, 0);
  for (;;) {
    const { bytesRead } = await reading;
    if (bytesRead === 0) return total;
    signal?.throwIfAborted();
    total += bytesRead;
    [filling, full] = [full, filling];
    reading = handle.read(filling, 0, chunkBytes, total);
    hash.update(full.subarray(0, bytesRead));
  }
}

async function settleLarge(file: string, signal?: AbortSignal): Promise<Content> {
  const handle = await open(file, readOnly);
  try {
    await handle.chmod(blobMode);
    const hash = createHash("sha256");
    // Hashing keeps the processor busy and syncing the disk: both at once.
    const [hashed, synced] = await Promise.allSettled([hashChunks(handle, hash, signal), handle.datasync()]);
    if (hashed.status === "rejected") throw hashed.reason;
    if (synced.status === "rejected") throw synced.reason;
    return { bytes: hashed.value, sha256: hash.digest("hex") };
  } finally {
    await handle.close();
  }
}

/**
 * Hashes a regular file and makes its bytes durable, where it lies.
 *
 * @param stats what `lstat` says of the file
 * @throws IonError `unavailable` when somebody writes to the file meanwhile
 */
export async function settleFile(file: string, stats: Stats, signal?: AbortSignal): Promise<Content> {
  const content =
    stats.size <= smallBytes ? await settleSmall(file, stats.size) : await settleLarge(file, signal);
  if (content.bytes === stats.size) return content;
  throw new IonError("unavailable", `'${file}' was written to meanwhile: store it once it is whole`);
}
