import { join } from "node:path";
import { PermanentError } from "./errors.ts";
import { listFiles, withSlashes } from "./list-files.ts";

/** The files that came with the event; paths are absolute. */
export interface Inputs {
  /**
   * The only file.
   *
   * @throws PermanentError when there is none, or more than one
   */
  readonly one: () => string;
  /** All files sorted by name, those in sub-folders included. */
  readonly all: () => string[];
  /** The file with this name, e.g. `"a/b.png"`. */
  readonly find: (name: string) => string | undefined;
  /** The name a file was sent with: its path below `in/data`, `/` between folders. */
  readonly nameOf: (path: string) => string;
}

/** @param folder where the event's files lie */
export function openInputs(folder: string): Inputs {
  return {
    all: () => listFiles(folder).map((name) => join(folder, name)),
    nameOf: (path) => withSlashes(folder, path),
    find: (name) => (listFiles(folder).includes(name) ? join(folder, name) : undefined),
    one() {
      const [name, ...more] = listFiles(folder);
      if (name !== undefined && more.length === 0) return join(folder, name);
      const came = name === undefined ? "none" : String(more.length + 1);
      throw new PermanentError(`exactly one file must come with the event: ${came} came`);
    },
  };
}
