import { readFile } from "node:fs/promises";
import { findSystemErrorCode } from "../contract/file-error.ts";
import { isId } from "../contract/ids.ts";
import { findEventTypeProblem, findModuleNameProblem } from "../contract/names.ts";
import { badInput } from "./failures.ts";
import { clip } from "./text.ts";

/** Makes the parser of an id. */
export function idOf(what: string): (text: string) => string {
  return (text) => {
    const id = text.toLowerCase();
    if (isId(id)) return id;
    throw badInput(
      `find the ${what} '${clip(text, 60)}'`,
      "an id has 32 hexadecimal digits in groups of 8-4-4-4-12",
      "ion flows and ion trace --ids list ids",
    );
  };
}

/** Makes the parser of a whole number. */
export function wholeNumber(option: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw badInput(`use ${option} '${clip(text, 60)}'`, `it must be a whole number from ${least} to ${most}`);
  };
}

export function parseModuleName(text: string): string {
  const problem = findModuleNameProblem(text);
  if (problem === undefined) return text;
  throw badInput("use that module", problem, "ion modules lists them");
}

export function parseEventType(text: string): string {
  const problem = findEventTypeProblem(text);
  if (problem === undefined) return text;
  throw badInput("use that event type", problem);
}

/** Whether a text is meant as a web address: it says http or https, in any case. */
export function isWebAddress(text: string): boolean {
  return /^https?:/i.test(text);
}

export function parseWebAddress(what: string): (text: string) => string {
  return (text) => {
    if (isWebAddress(text) && URL.canParse(text)) return text;
    throw badInput(
      `use ${what} '${clip(text, 100)}'`,
      "it must be an http or https address such as http://127.0.0.1:9001",
    );
  };
}

/**
 * Reads a bearer token from a file, so that it stands in no list of processes.
 *
 * @throws IonError `invalid` when the file can't be read or holds no single word
 */
export async function readTokenFile(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw badInput(`read the token file '${path}'`, describeFileError(cause));
  });
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw badInput(`use the token file '${path}'`, "it must hold one token of printable ASCII without spaces");
}

/** Why a file can't be used, in words; the system's code where there are none. */
export function describeFileError(thrown: unknown): string {
  const code = findSystemErrorCode(thrown);
  switch (code) {
    case "ENOENT":
      return "there is no such file";
    case "EISDIR":
      return "it is a folder, not a file";
    case "EACCES":
    case "EPERM":
      return "this user may not read it";
    default:
      return code ?? String(thrown);
  }
}
