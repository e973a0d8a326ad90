import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { findSystemErrorCode } from "../../contract/file-error.ts";
import type { BlobReference } from "../../ports/blobs.ts";

/** Nothing is there, or no longer: who removes while another lists is no error. */
async function unlessGone<Result>(reading: Promise<Result>): Promise<Result | undefined> {
  try {
    return await reading;
  } catch (thrown) {
    const code = findSystemErrorCode(thrown);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw thrown;
  }
}

/** A folder's place in the order of whole paths, where `a.b` comes before `a/b`. */
const sortKey = (entry: Dirent): string => (entry.isDirectory() ? `${entry.name}/` : entry.name);

function inPathOrder(entries: readonly Dirent[]): Dirent[] {
  return entries.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

async function* listFolder(folder: string, path: string): AsyncGenerator<BlobReference, void, undefined> {
  const entries = (await unlessGone(readdir(folder, { withFileTypes: true }))) ?? [];
  for (const entry of inPathOrder(entries)) {
    const inner = path === "" ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory()) yield* listFolder(join(folder, entry.name), inner);
    else yield* listBlobs(folder, inner, entry.name);
  }
}

/**
 * Lists the blob at `name`, or all below the folder `name`, in the order of their paths.
 *
 * @param folder where `name` is
 * @param path what `name` is called by those who store blobs; empty for the root
 */
export async function* listBlobs(
  folder: string,
  path: string,
  name: string,
): AsyncGenerator<BlobReference, void, undefined> {
  const stats = await unlessGone(lstat(join(folder, name)));
  if (stats?.isFile()) yield { path, bytes: stats.size };
  if (stats?.isDirectory()) yield* listFolder(join(folder, name), path);
}
