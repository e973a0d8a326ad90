import { type Dirent, lstatSync, readdirSync, type Stats } from "node:fs";
import { IonError } from "../contract/errors.ts";
import { findFilePathProblem } from "../contract/file-path.ts";
import { formatBytes } from "../contract/size.ts";
import type { HardLinks } from "./hard-links.ts";
import { quote } from "./quote.ts";

/** A regular file below a folder. */
export interface WalkedFile {
  /** Relative to the folder that was walked, `/` between folders. */
  readonly path: string;
  /** Absolute. */
  readonly file: string;
  readonly bytes: number;
}

type Kind = Pick<Dirent, "isFile" | "isDirectory" | "isSymbolicLink" | "isFIFO" | "isSocket">;

function nameKind(kind: Kind): string {
  if (kind.isFile()) return "file";
  if (kind.isDirectory()) return "folder";
  if (kind.isSymbolicLink()) return "symbolic link";
  if (kind.isFIFO()) return "named pipe";
  return kind.isSocket() ? "socket" : "device";
}

/** @throws IonError `invalid` when an entry of the workspace is not of the kind it must be */
export function requireKind(shown: string, kind: Kind, wanted: "file" | "folder"): void {
  const found = nameKind(kind);
  if (found !== wanted) {
    throw new IonError(
      "invalid",
      `${shown} is a ${found}: it must be a ${wanted === "file" ? "regular file" : "folder"}`,
    );
  }
}

/** @throws IonError `invalid` when the folder can't be read */
export function readFolder(shown: string, folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    throw new IonError("invalid", `${shown} can't be read: leave folders that their owner may read`, {
      cause,
    });
  }
}

/**
 * Looks at a regular file without following links.
 *
 * @throws IonError `invalid` when nobody may read it
 */
export function statFile(shown: string, file: string, links: HardLinks): Stats {
  const stats = lstatSync(file);
  if ((stats.mode & 0o444) === 0) {
    throw new IonError("invalid", `${shown} can't be read: leave files that their owner may read`);
  }
  links.add(shown, stats);
  return stats;
}

export interface WalkLimits {
  readonly files: number;
  readonly bytes: number;
}

function requireWithin(shown: string, files: number, bytes: number, limits: WalkLimits): void {
  if (files > limits.files) {
    throw new IonError(
      "limit",
      `${shown} holds more than ${limits.files} files, the module's limit: write fewer or raise its limits.files`,
    );
  }
  if (bytes > limits.bytes) {
    throw new IonError(
      "limit",
      `${shown} holds at least ${formatBytes(bytes)}, but the module's limit is ${formatBytes(limits.bytes)}: write less or raise its limits.size`,
    );
  }
}

/**
 * Lists every file below a folder, sub-folders first come first served.
 *
 * @param shown how messages name the folder
 * @throws IonError `invalid` when anything but folders and regular files is there, or a path breaks a rule
 * @throws IonError `limit` when there are too many files or bytes
 */
export function walkFiles(shown: string, root: string, limits: WalkLimits, links: HardLinks): WalkedFile[] {
  const files: WalkedFile[] = [];
  const folders = [""];
  let bytes = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readFolder(`${shown}/${folder}`, `${root}/${folder}`)) {
      const path = `${folder}${entry.name}`;
      const problem = findFilePathProblem(path);
      if (problem !== undefined)
        throw new IonError("invalid", `the path ${quote(path)} in ${shown} ${problem}`);
      const file = `${root}/${path}`;
      if (entry.isDirectory()) {
        folders.push(`${path}/`);
        continue;
      }
      const shownFile = quote(`${shown}/${path}`);
      requireKind(shownFile, entry, "file");
      const { size } = statFile(shownFile, file, links);
      files.push({ path, file, bytes: size });
      bytes += size;
      requireWithin(shown, files.length, bytes, limits);
    }
  }
  return files;
}
