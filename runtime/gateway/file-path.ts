import { IonError } from "../contract/errors.ts";
import { maxFilePathBytes } from "../contract/limits.ts";

function findPathProblem(path: string): string | undefined {
  if (path === "") return "it is empty";
  if (Buffer.byteLength(path) > maxFilePathBytes) return `it has more than ${maxFilePathBytes} bytes`;
  if (/[\p{Cc}\\\ufffd]/u.test(path) || !path.isWellFormed()) {
    return "it has a backslash, a control character or what is not UTF-8";
  }
  if (path.startsWith("/")) return "it is absolute";
  const bad = path.split("/").find((segment) => segment === "" || segment === "." || segment === "..");
  return bad === undefined ? undefined : `a folder must not be named '${bad}'`;
}

/** The paths of one event's files: each stays below its folder, and none is in the way of another. */
export class FilePaths {
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();

  /** @throws IonError `invalid` naming the rule and the path */
  add(path: string): void {
    const problem = findPathProblem(path) ?? this.#findCollision(path);
    if (problem !== undefined) {
      const shown = JSON.stringify(path.slice(0, 200));
      throw new IonError(
        "invalid",
        `cannot take a file named ${shown}: ${problem}; use a relative path such as 'folder/film.mov', once`,
      );
    }
    this.#files.add(path);
    for (const folder of parentsOf(path)) this.#folders.add(folder);
  }

  #findCollision(path: string): string | undefined {
    if (this.#files.has(path)) return "another file of the event has that name";
    if (this.#folders.has(path)) return "another file of the event is in a folder of that name";
    return parentsOf(path).some((folder) => this.#files.has(folder))
      ? "another file of the event has its folder's name"
      : undefined;
  }
}

function parentsOf(path: string): string[] {
  const segments = path.split("/");
  return segments.slice(1).map((_segment, index) => segments.slice(0, index + 1).join("/"));
}
