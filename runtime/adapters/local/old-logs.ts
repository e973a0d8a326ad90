import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // No run has printed anything yet.
    return [];
  }
}

/**
 * Removes the logs of runs that were last written to before a time.
 *
 * @param folder the data folder
 * @param before milliseconds since 1970
 * @returns how many were removed
 */
export function removeOldLogs(folder: string, before: number): number {
  const logs = join(folder, "logs");
  const files = listFolder(logs).flatMap((part) =>
    listFolder(join(logs, part)).map((name) => join(logs, part, name)),
  );
  const old = files.filter((file) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? before) < before);
  for (const file of old) rmSync(file, { force: true });
  return old.length;
}
