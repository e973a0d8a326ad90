import { rmdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Attempt } from "../../ports/executor.ts";

/** Where the workspaces of all runs are. */
export function workFolder(folder: string): string {
  return resolve(folder, "work");
}

export function workspaceFolder(folder: string, { executionId, attempt }: Attempt): string {
  return join(workFolder(folder), executionId, `a${attempt}`);
}

/** Removes a workspace and, after an execution's last one, the execution's folder. */
export async function removeWorkspace(workspace: string): Promise<void> {
  try {
    await rm(workspace, { recursive: true, force: true });
    rmdirSync(dirname(workspace));
  } catch {
    // Another attempt has its workspace beside; what can't be removed goes at the next start.
  }
}
