import { maxFilePathBytes } from "./limits.ts";

const controlCharacter = /\p{Cc}/u;

/** What a decoder leaves where a name was no UTF-8. */
const replacementCharacter = "\ufffd";

function findSegmentProblem(path: string): string | undefined {
  if (path.startsWith("/")) return "is absolute: say it relative to its folder";
  for (const segment of path.split("/")) {
    if (segment === "..") return "leads outside its folder: '..' is not allowed";
    if (segment === "" || segment === ".") return "has an empty part: say it as 'folder/file'";
  }
  return undefined;
}

/**
 * Says which rule a file's path breaks. A path that breaks none stays below the folder it is joined
 * to, and every store can carry it.
 *
 * @param path relative, `/` between folders
 * @returns the rule, to be put after the path; or undefined when the path is fine
 */
export function findFilePathProblem(path: string): string | undefined {
  if (path === "") return "is empty: name a file";
  if (controlCharacter.test(path)) return "has a control character: use printable ones";
  if (path.includes(replacementCharacter) || !path.isWellFormed()) return "is not valid UTF-8: rename it";
  if (path.includes("\\")) return "has a backslash: use '/' between folders";
  const bytes = Buffer.byteLength(path);
  if (bytes > maxFilePathBytes) return `has ${bytes} bytes: at most ${maxFilePathBytes} are allowed`;
  return findSegmentProblem(path);
}

/** The folders that a path lies in, the outermost first: `a`, `a/b` of `a/b/c`. */
export function* eachParent(path: string): Generator<string> {
  for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) yield path.slice(0, end);
}
