import { type FSWatcher, readdirSync, watch } from "node:fs";
import { join } from "node:path";

const quietMilliseconds = 60;

const isIgnored = (name: string): boolean =>
  name === "node_modules" || name === "__pycache__" || name.startsWith(".");

/** The folder and all below it; one that goes away meanwhile has none. */
function listFolders(folder: string): string[] {
  try {
    const inner = readdirSync(folder, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && !isIgnored(entry.name),
    );
    return [folder, ...inner.flatMap(({ name }) => listFolders(join(folder, name)))];
  } catch {
    return [];
  }
}

/**
 * Watches every folder below a root by itself. On Linux a recursive watch would watch the files, by
 * inode, and miss the second time that an editor replaces one. https://nodejs.org/api/fs.html#inodes
 */
function watchTree(root: string, onChange: () => void) {
  const watchers = new Map<string, FSWatcher>();
  const drop = (folder: string) => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };

  function add(folder: string): void {
    try {
      const watcher = watch(folder, (_kind, name) => {
        if (name === null || !isIgnored(name)) onChange();
      });
      // Its folder is gone, which the folder above tells too.
      watcher.on("error", () => drop(folder));
      watchers.set(folder, watcher);
    } catch {
      // Gone already: see above.
    }
  }

  return {
    /** Watches the folders that have come, and no more those that have gone. */
    renew(): void {
      const found = new Set(listFolders(root));
      for (const folder of watchers.keys()) if (!found.has(folder)) drop(folder);
      for (const folder of found) if (!watchers.has(folder)) add(folder);
    },
    close(): void {
      for (const folder of watchers.keys()) drop(folder);
    },
  };
}

/**
 * Calls back once a folder's files have changed and then been quiet for a moment; changes during
 * the call lead to another, never to two at once.
 *
 * @returns how to stop
 */
export function watchFolder(folder: string, changed: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let again = false;

  async function run(): Promise<void> {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      do {
        again = false;
        // First, so that what comes into a new folder from here on is told.
        tree.renew();
        await changed();
      } while (again);
    } finally {
      running = false;
    }
  }

  const tree = watchTree(folder, () => {
    clearTimeout(timer);
    timer = setTimeout(() => void run(), quietMilliseconds);
  });
  tree.renew();
  return () => {
    clearTimeout(timer);
    tree.close();
  };
}
