import { lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Attempt } from "../../ports/executor.ts";

/** What the event loop itself removes: more entries, or larger files, would hold others up. */
const maxQuickEntries = 64;
const maxQuickBytes = 2 ** 20;

/** Where the workspaces of all runs are. */
export function workFolder(folder: string): string {
  return resolve(folder, "work");
}

export function workspaceFolder(folder: string, { executionId, attempt }: Attempt): string {
  return join(workFolder(folder), executionId, `a${attempt}`);
}

/** @returns how many more entries may be removed quickly; below 0 when something is left */
function removeQuickly(folder: string, budget: number): number {
  let left = budget;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (left > 0 && entry.isDirectory()) left = removeQuickly(path, left - 1);
    else if (left > 0 && lstatSync(path).size <= maxQuickBytes) unlinkSync(path);
    else return -1;
    left -= 1;
  }
  if (left >= 0) rmdirSync(folder);
  return left;
}

/**
 * Removes a workspace and, after an execution's last one, the execution's folder.
 *
 * A usual workspace has a dozen small entries; removing it at once takes a quarter of the processor
 * time that asking for each removal in turn does.
 */
export async function removeWorkspace(workspace: string): Promise<void> {
  await nextTurn();
  try {
    if (removeQuickly(workspace, maxQuickEntries) < 0) await rm(workspace, { recursive: true, force: true });
    rmdirSync(dirname(workspace));
  } catch {
    // Another attempt has its workspace beside; what can't be removed goes at the next start.
  }
}
