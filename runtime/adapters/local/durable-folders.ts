import { constants, mkdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";

/** Folders remembered as synced; past it all are forgotten and synced once more. */
const maxRemembered = 10_000;

/** Makes names in folders survive a power cut. */
export interface DurableFolders {
  /** Makes a folder below the root, parents first. */
  make(folder: string): void;
  /** Resolves once every name in the folder, and the folder's own way from the root, is on disk. */
  sync(folder: string): Promise<void>;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** One sync of a folder serves all who asked before it began. */
function groupedSync(): (folder: string) => Promise<void> {
  const running = new Map<string, Promise<void>>();
  const next = new Map<string, Promise<void>>();
  const start = (folder: string) => {
    const sync = syncFolder(folder).finally(() => running.delete(folder));
    running.set(folder, sync);
    return sync;
  };
  return (folder) => {
    const current = running.get(folder);
    if (current === undefined) return start(folder);
    const waiting = next.get(folder);
    if (waiting !== undefined) return waiting;
    const begin = () => {
      next.delete(folder);
      return start(folder);
    };
    const queued = current.then(begin, begin);
    next.set(folder, queued);
    return queued;
  };
}

/** @param root a folder that is there and durable already */
export function durableFolders(root: string): DurableFolders {
  const synced = new Set<string>();
  const sync = groupedSync();
  return {
    make(folder) {
      const first = mkdirSync(folder, { recursive: true });
      if (first === undefined) return;
      for (let made = folder; made.length >= first.length; made = dirname(made)) synced.delete(made);
    },
    async sync(folder) {
      const unsynced: string[] = [];
      for (let each = folder; each !== root && !synced.has(each); each = dirname(each)) unsynced.push(each);
      await sync(folder);
      // A folder's name stands in its parent: it is the parent that must be synced for it.
      for (const each of unsynced) await sync(dirname(each));
      if (synced.size + unsynced.length > maxRemembered) synced.clear();
      for (const each of unsynced) synced.add(each);
    },
  };
}
