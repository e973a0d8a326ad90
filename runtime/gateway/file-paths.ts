import { IonError } from "../contract/errors.ts";
import { eachParent, findFilePathProblem } from "../contract/file-path.ts";

/** The paths of one event's files: each stays below its folder, and none is in the way of another. */
export class FilePaths {
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();

  /** @throws IonError `invalid` naming the rule and the path */
  add(path: string): void {
    const problem = findFilePathProblem(path) ?? this.#findCollision(path);
    if (problem !== undefined) {
      const shown = JSON.stringify(path.slice(0, 200));
      throw new IonError("invalid", `cannot take the files: the path ${shown} ${problem}`);
    }
    this.#files.add(path);
    for (const folder of eachParent(path)) this.#folders.add(folder);
  }

  #findCollision(path: string): string | undefined {
    if (this.#files.has(path)) return "stands there twice: name each file once";
    if (this.#folders.has(path)) return "is a folder of another file too: rename one";
    const parent = eachParent(path).find((folder) => this.#files.has(folder));
    return parent === undefined
      ? undefined
      : `is below ${JSON.stringify(parent)}, which is a file too: rename one`;
  }
}
