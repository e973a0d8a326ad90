import type { Stats } from "node:fs";
import { IonError } from "../contract/errors.ts";

/** Finds names that lead to a file outside what was walked: a file with more names than were seen. */
export interface HardLinks {
  add(shown: string, stats: Stats): void;
  /** @throws IonError `invalid` */
  check(): void;
}

export function hardLinks(): HardLinks {
  const seen = new Map<string, { readonly shown: string; readonly names: number; found: number }>();
  return {
    add(shown, stats) {
      if (stats.nlink < 2) return;
      const key = `${stats.dev}:${stats.ino}`;
      const known = seen.get(key);
      if (known === undefined) seen.set(key, { shown, names: stats.nlink, found: 1 });
      else known.found += 1;
    },
    check() {
      for (const { shown, names, found } of seen.values()) {
        if (names > found) {
          throw new IonError(
            "invalid",
            `${shown} is a hard link to a file outside out/: copy the file instead of linking it`,
          );
        }
      }
    },
  };
}
