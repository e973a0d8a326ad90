import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { IonError } from "../contract/errors.ts";
import type { FileReference } from "../contract/event.ts";
import { eachParent, findFilePathProblem } from "../contract/file-path.ts";
import type { Blobs } from "../ports/blobs.ts";
import { inParallel } from "./in-parallel.ts";
import { quote } from "./quote.ts";

const parallelDownloads = 4;

/**
 * Larger files are checked by their length only: a hash would read them a second time. A store
 * hashes what it takes and never changes it; what a download can do is break off.
 */
const maxHashedBytes = 8 * 1024 * 1024;

/** A file to bring, and the sub-folder it goes to. */
export interface WantedFile extends FileReference {
  readonly folder?: string;
}

const wholePath = ({ folder, path }: WantedFile): string =>
  folder === undefined ? path : `${folder}/${path}`;

/** @throws IonError `invalid` when paths lead outside or into each other */
function checkPaths(files: readonly WantedFile[]): void {
  const known = new Set<string>();
  const refuse = (path: string, problem: string) => {
    throw new IonError("invalid", `can't bring the event's files: the path ${quote(path)} ${problem}`);
  };
  for (const file of files) {
    for (const path of [file.path, file.folder ?? file.path]) {
      const problem = findFilePathProblem(path);
      if (problem !== undefined) refuse(path, problem);
    }
    const path = wholePath(file);
    if (known.has(path)) refuse(path, "stands there twice: name each file once");
    known.add(path);
  }
  for (const path of known) {
    const parent = eachParent(path).find((folder) => known.has(folder));
    if (parent !== undefined) refuse(path, `is below ${quote(parent)}, which is a file too: rename one`);
  }
}

async function checkBytes(file: string, { path, blob, bytes, sha256 }: FileReference): Promise<void> {
  const { size } = await stat(file);
  const refuse = (problem: string) => {
    throw new IonError(
      "unavailable",
      `file ${quote(path)} came broken from blob ${quote(blob)}: ${problem}; trying again may help`,
    );
  };
  if (size !== bytes) refuse(`it has ${size} bytes instead of ${bytes}`);
  if (bytes > maxHashedBytes) return;
  const found = createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
  if (found !== sha256) refuse(`its SHA-256 is ${found} instead of ${sha256}`);
}

/**
 * Brings files from where they are stored to a folder, sub-folders kept, a few at a time.
 *
 * @param root a folder that exists; absolute
 * @throws IonError `invalid` when paths lead outside or into each other; `not-found` when a blob is gone;
 *   `unavailable` when other bytes came than were stored
 */
export async function bringFiles(
  files: readonly WantedFile[],
  root: string,
  blobs: Blobs,
  signal: AbortSignal,
): Promise<void> {
  checkPaths(files);
  const made = new Set([root]);
  // Nothing is still being written when this throws: the workspace may go at once.
  await inParallel(files, parallelDownloads, signal, async (wanted, either) => {
    const file = join(root, wholePath(wanted));
    const parent = dirname(file);
    if (!made.has(parent)) mkdirSync(parent, { recursive: true });
    made.add(parent);
    await blobs.download(wanted.blob, file, either);
    await checkBytes(file, wanted);
  });
}
