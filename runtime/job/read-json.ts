import { readFileSync } from "node:fs";
import { IonError } from "../contract/errors.ts";
import { formatBytes } from "../contract/size.ts";

/**
 * How deep objects and arrays may stand in each other. Cosmos DB ends at 128 levels, of which Ion's
 * own documents take a few. https://learn.microsoft.com/azure/cosmos-db/concepts-limits
 */
export const maxJsonDepth = 100;

const decoder = new TextDecoder("utf-8", { fatal: true });

function findValueProblem(value: unknown, levelsLeft: number): string | undefined {
  if (typeof value === "number") {
    return Number.isFinite(value)
      ? undefined
      : "holds a number too large for JSON's readers: write it as a string";
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (levelsLeft === 0) return `is nested deeper than ${maxJsonDepth} levels: write flatter data`;
  for (const inner of Object.values(value)) {
    const problem = findValueProblem(inner, levelsLeft - 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function parseJson(shown: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? cause.message : "it is not valid UTF-8";
    throw new IonError("invalid", `${shown} is not JSON: ${why}`, { cause });
  }
}

/**
 * Reads a JSON file that somebody else wrote.
 *
 * @param shown how messages name the file
 * @throws IonError `invalid` when it is not UTF-8, not JSON, too deep, or has a number that JSON can't carry on
 */
export function readJson(shown: string, file: string): unknown {
  const value = parseJson(shown, readFileSync(file));
  const problem = findValueProblem(value, maxJsonDepth);
  if (problem !== undefined) throw new IonError("invalid", `${shown} ${problem}`);
  return value;
}

/** Bytes of a value, serialised. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** @throws IonError `limit` */
export function requireSize(shown: string, bytes: number, limit: number): void {
  if (bytes > limit) {
    throw new IonError(
      "limit",
      `${shown} has ${bytes} bytes (${formatBytes(bytes)}): at most ${limit} are allowed; put what is large into a file in out/data`,
    );
  }
}
