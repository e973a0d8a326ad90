import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** A path relative to a folder, `/` between folders on every system. */
export function withSlashes(folder: string, path: string): string {
  return relative(folder, path).replaceAll(sep, "/");
}

/** Lists the files below a folder, relative to it, `/` between folders, sorted. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => withSlashes(folder, join(entry.parentPath, entry.name)))
    .sort();
}
