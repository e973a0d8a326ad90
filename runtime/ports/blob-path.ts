import { IonError } from "../contract/errors.ts";
import type { ByteRange } from "./blobs.ts";

/** Longest name of a blob, in characters. https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata */
const maxLength = 1024;

function findProblem(path: string): string | undefined {
  if (path.length > maxLength)
    return `it has ${path.length} characters, and at most ${maxLength} are allowed`;
  if (/[\p{Cc}\\]/u.test(path)) return "it must not contain a backslash or a control character";
  if (!path.isWellFormed()) return "it has half of a surrogate pair, which UTF-8 can't carry";
  const bad = path.split("/").find((segment) => segment === "" || segment === "." || segment === "..");
  if (bad === "") return "it must be relative, without an empty folder name";
  return bad === undefined ? undefined : `'${bad}' must not be a folder name`;
}

/**
 * Checks that a blob's path stays below its store on every store.
 *
 * @throws IonError `invalid` naming the rule and the path
 */
export function requireBlobPath(path: string): void {
  const problem = findProblem(path);
  if (problem === undefined) return;
  throw new IonError(
    "invalid",
    `cannot use ${JSON.stringify(path.slice(0, 200))} as a blob's path: ${problem}`,
  );
}

/**
 * Fits a range to a blob; an end behind the blob's last byte is cut to it.
 *
 * @throws IonError `invalid` when the range holds no byte of the blob
 */
export function requireRange(path: string, bytes: number, range: ByteRange): ByteRange {
  const { start, end } = range;
  const isOne = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end;
  if (!isOne || start >= bytes) {
    throw new IonError(
      "invalid",
      `cannot read bytes ${start} to ${end} of blob '${path}': the range must lie in its ${bytes} bytes`,
    );
  }
  return { start, end: Math.min(end, bytes - 1) };
}
