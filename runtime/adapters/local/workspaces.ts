import { lstatSync, mkdirSync, renameSync, rmdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { workspaceFolders } from "../../contract/workspace.ts";
import type { Attempt } from "../../ports/executor.ts";
import { emptyFolderQuickly } from "./empty-folder.ts";

/** Spare workspaces kept; more runs than these seldom end between two beginnings. */
const maxSpares = 32;
/** The attempt that a spare workspace is named for, as most are. */
const usualAttempt = "a1";

const kept: ReadonlySet<string> = new Set(workspaceFolders);
const nothing: ReadonlySet<string> = new Set();

/** The workspaces of runs on this machine. */
export interface Workspaces {
  /** @returns the absolute path of an attempt's workspace, which is there, empty, when a spare one was at hand */
  take(attempt: Attempt): string;
  /** Removes a workspace, or empties it for the next run, behind the back of those that run. */
  giveBack(workspace: string): void;
  /** Resolves once all that was given back is away. */
  settle(): Promise<void>;
}

/** Where the workspaces of all runs are. */
export function workFolder(folder: string): string {
  return resolve(folder, "work");
}

/** Whether the folders are as they were made: a module may have changed them. */
function isUntouched(workspace: string, mode: number): boolean {
  return ["", ...workspaceFolders].every((each) => lstatSync(join(workspace, each)).mode === mode);
}

async function remove(workspace: string): Promise<void> {
  try {
    if (emptyFolderQuickly(workspace, nothing)) rmdirSync(workspace);
    else await rm(workspace, { recursive: true, force: true });
    rmdirSync(dirname(workspace));
  } catch {
    // Another attempt has its workspace beside; what can't be removed goes at the next start.
  }
}

/**
 * @param folder the data folder
 * @param recycle whether a workspace with its folders is used again. A disk that makes and removes
 *   thousands of folders a minute becomes slow at it: ext4 searches past every inode freed in the
 *   last minutes. https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/fs/ext4/ialloc.c (`recently_deleted`)
 */
export function workspaces(folder: string, recycle: boolean): Workspaces {
  const work = workFolder(folder);
  const spareFolder = join(work, ".spare");
  const spares: string[] = [];
  let count = 0;
  const pending: string[] = [];
  let removed = Promise.resolve();
  let mode: number | undefined;

  const readMode = (): number => {
    mkdirSync(spareFolder, { recursive: true });
    mode ??= lstatSync(spareFolder).mode;
    return mode;
  };
  const tryKeep = (workspace: string): boolean => {
    if (!recycle || spares.length >= maxSpares) return false;
    try {
      if (!emptyFolderQuickly(workspace, kept) || !isUntouched(workspace, readMode())) return false;
      if (basename(workspace) !== usualAttempt) renameSync(workspace, join(dirname(workspace), usualAttempt));
      const spare = join(spareFolder, String(count++));
      renameSync(dirname(workspace), spare);
      spares.push(spare);
      return true;
    } catch {
      // A folder is missing, or no longer one: such a workspace is removed.
      return false;
    }
  };
  const tryReuse = (workspace: string) => {
    const spare = spares.pop();
    if (spare === undefined) return;
    try {
      renameSync(spare, dirname(workspace));
      if (basename(workspace) !== usualAttempt) renameSync(join(dirname(workspace), usualAttempt), workspace);
    } catch {
      // An earlier attempt's workspace is not away yet: this one is made beside it, and the spare goes at the next start.
    }
  };
  const clear = () => {
    for (const workspace of pending.splice(0)) {
      if (!tryKeep(workspace)) removed = removed.then(() => remove(workspace));
    }
  };

  return {
    take({ executionId, attempt }) {
      const workspace = join(work, executionId, `a${attempt}`);
      tryReuse(workspace);
      return workspace;
    },
    giveBack(workspace) {
      pending.push(workspace);
      if (pending.length === 1) setImmediate(clear);
    },
    async settle() {
      await nextTurn();
      await removed;
    },
  };
}
