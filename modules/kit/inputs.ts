import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { workspacePaths } from "../../runtime/contract/index.ts";
import { PermanentError } from "./errors.ts";

/** The files that came with the event. */
export interface Inputs {
  /**
   * The path of the only file.
   *
   * @throws PermanentError when there is none or more than one
   */
  one(): string;
  /** The paths of all files, sorted by name; sub-folders included. */
  all(): string[];
  /** The path of the file with this name, such as `"a/b.png"`. */
  find(name: string): string | undefined;
  /** The name under which a file was sent: its path below `in/data`, `/` between folders. */
  nameOf(path: string): string;
}

/** @param folder the workspace */
export function readInputs(folder: string): Inputs {
  const root = join(folder, workspacePaths.inputFiles);
  const nameOf = (path: string): string => relative(root, path).split(sep).join("/");
  const all = (): string[] =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return {
    all,
    nameOf,
    find: (name) => all().find((path) => nameOf(path) === name),
    one() {
      const [path, ...more] = all();
      if (path !== undefined && more.length === 0) return path;
      throw new PermanentError(`one file must come with the event: ${all().length} came`);
    },
  };
}
