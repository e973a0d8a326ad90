import { type FSWatcher, watch } from "node:fs";
import { sep } from "node:path";

const quietMilliseconds = 60;

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
        await changed();
      } while (again);
    } finally {
      running = false;
    }
  }

  const isIgnored = (name: string) =>
    name.split(sep).some((part) => part === "node_modules" || part === "__pycache__" || part.startsWith("."));
  const watcher: FSWatcher = watch(folder, { recursive: true }, (_kind, name) => {
    if (name !== null && isIgnored(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void run(), quietMilliseconds);
  });
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
