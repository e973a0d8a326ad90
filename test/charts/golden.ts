import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Reads what a file is to be; with `UPDATE_GOLDEN=1` it becomes what it is now. */
export function readGolden(file: string, now: string): string {
  const path = join(import.meta.dirname, "golden", file);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, now);
  return readFileSync(path, "utf8");
}
