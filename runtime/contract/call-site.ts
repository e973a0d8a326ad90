import { fileURLToPath } from "node:url";

const ownFolder = new URL(".", import.meta.url).href;
const framePattern = /\(?(?<file>file:\/\/[^()]+):(?<line>\d+):(?<column>\d+)\)?$/;

/**
 * Finds where this room was called from. A stack is captured when an error is made but only
 * written out when it is read, so that an error kept for this costs next to nothing.
 *
 * @returns `<file>:<line>:<column>`, or undefined when no file outside is on the stack
 */
export function findCallSite({ stack = "" }: Error): string | undefined {
  for (const frame of stack.split("\n")) {
    const { file, line, column } = framePattern.exec(frame)?.groups ?? {};
    if (file !== undefined && !file.startsWith(ownFolder)) return `${fileURLToPath(file)}:${line}:${column}`;
  }
  return undefined;
}
