import { createReadStream, linkSync, lstatSync, type Stats, statSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { IonError } from "../../contract/errors.ts";
import { findSystemErrorCode } from "../../contract/file-error.ts";
import type { PutOptions } from "../../ports/blobs.ts";
import type { DurableFolders } from "./durable-folders.ts";
import { type Content, settleFile } from "./settle-file.ts";
import { requireWithin, writeTemporary } from "./temporary-file.ts";

/** Where the blobs of one store are. */
export interface Store {
  readonly root: string;
  /** Folder for files that are not whole yet, on the same file system. */
  readonly temporary: string;
  readonly folders: DurableFolders;
}

/** @throws IonError `conflict` when there is something at the path already */
export function requireFree(path: string, target: string): void {
  if (statSync(target, { throwIfNoEntry: false }) === undefined) return;
  throw new IonError(
    "conflict",
    `cannot store blob '${path}': the path is taken, and a blob is never changed`,
  );
}

/** Gives a file its blob's name, in folders that a remove may be taking away at this moment. */
function linkInto(folders: DurableFolders, file: string, target: string): void {
  try {
    linkSync(file, target);
  } catch (thrown) {
    if (findSystemErrorCode(thrown) !== "ENOENT") throw thrown;
    folders.make(dirname(target));
    linkSync(file, target);
  }
}

/** Takes the old name of a file away that has become a blob. */
function forget(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // The blob is stored; a name left over goes with its workspace, or at the next start.
  }
}

async function place({ folders }: Store, file: string, target: string): Promise<void> {
  linkInto(folders, file, target);
  try {
    await folders.sync(dirname(target));
  } catch (thrown) {
    unlinkSync(target);
    throw thrown;
  }
  forget(file);
}

/** Stores a stream, writing it once. */
export async function putStream(
  store: Store,
  target: string,
  source: Readable,
  options: PutOptions,
): Promise<Content> {
  const { file, ...content } = await writeTemporary(store.temporary, source, options);
  try {
    await place(store, file, target);
    return content;
  } catch (thrown) {
    forget(file);
    throw thrown;
  }
}

async function copyIn(store: Store, target: string, file: string, options: PutOptions): Promise<Content> {
  const content = await putStream(store, target, createReadStream(file), options);
  forget(file);
  return content;
}

function requireRegular(file: string): Stats {
  const stats = lstatSync(file);
  if (stats.isFile()) return stats;
  throw new IonError("invalid", `'${file}' must be a regular file, not a link, folder or device`);
}

/** Makes a file the blob, without copying it where the file system can. */
export async function putFile(
  store: Store,
  target: string,
  file: string,
  options: PutOptions,
): Promise<Content> {
  const stats = requireRegular(file);
  requireWithin(stats.size, options.maxBytes);
  // Under another name somebody could go on writing to it.
  if (stats.nlink > 1) return copyIn(store, target, file, options);
  const content = await settleFile(file, stats, options.signal);
  try {
    await place(store, file, target);
    return content;
  } catch (thrown) {
    // EXDEV: another file system. EPERM, ENOTSUP: one that has no hard links to this file.
    if (!["EXDEV", "EPERM", "ENOTSUP"].includes(findSystemErrorCode(thrown) ?? "")) throw thrown;
    return copyIn(store, target, file, options);
  }
}
