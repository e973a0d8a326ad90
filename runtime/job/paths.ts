import { maxFilePathBytes } from "../contract/limits.ts";

const controlCharacter = /\p{Cc}/u;

/** What the decoder leaves where a name was no UTF-8. */
const replacementCharacter = "\ufffd";

/** Shows a text that a module chose in a message, on one line and not too long. */
export function quote(text: string, maxLength = 200): string {
  const shown = JSON.stringify(text).slice(1, -1);
  return `'${shown.length > maxLength ? `${shown.slice(0, maxLength)}…` : shown}'`;
}

function findSegmentProblem(path: string): string | undefined {
  if (path.startsWith("/")) return "is absolute: say it relative to the data folder";
  for (const segment of path.split("/")) {
    if (segment === "..") return "leads outside the workspace: '..' is not allowed";
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
export function findPathProblem(path: string): string | undefined {
  if (path === "") return "is empty: name a file";
  if (controlCharacter.test(path)) return "has a control character: use printable ones";
  if (path.includes(replacementCharacter)) return "is not valid UTF-8: rename it";
  if (path.includes("\\")) return "has a backslash: use '/' between folders";
  const bytes = Buffer.byteLength(path);
  if (bytes > maxFilePathBytes) return `has ${bytes} bytes: at most ${maxFilePathBytes} are allowed`;
  return findSegmentProblem(path);
}
