import { createReadStream } from "node:fs";
import { addAbortSignal, type Readable } from "node:stream";
import { isJsonObject, type JsonObject } from "../contract/json.ts";
import { maxEventBytes } from "../contract/limits.ts";
import { formatBytes } from "../contract/size.ts";
import { describeFileError } from "./arguments.ts";
import { badInput } from "./failures.ts";
import { findJsonError } from "./find-json-error.ts";

/** Reads no further than an event may be long: a film given by mistake must not fill the memory. */
async function readBounded(source: Readable, from: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source) {
      const buffer = Buffer.from(chunk);
      bytes += buffer.length;
      if (bytes > maxEventBytes) break;
      chunks.push(buffer);
    }
  } catch (cause) {
    throw badInput(`read the data from ${from}`, describeFileError(cause));
  }
  if (bytes > maxEventBytes) {
    throw badInput(
      `use the data from ${from}`,
      `an event holds at most ${formatBytes(maxEventBytes)}`,
      "send what is larger as a file, with --file",
    );
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * Reads JSON that must be an object.
 *
 * @param from where the text comes from, for the error
 * @throws IonError `invalid` with line and column where the text stops being JSON
 */
export function parseJsonObject(text: string, from: string): JsonObject {
  const place = findJsonError(text);
  if (place !== undefined) {
    throw badInput(
      `use the data from ${from}`,
      `it is no JSON from line ${place.line}, column ${place.column} on`,
    );
  }
  const value: unknown = JSON.parse(text);
  if (isJsonObject(value)) return value;
  const kind = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
  throw badInput(`use the data from ${from}`, `it must be a JSON object: it is ${kind}`);
}

/** Reads a file that holds a JSON object. @throws IonError `invalid` */
export async function readJsonFile(path: string): Promise<JsonObject> {
  return parseJsonObject(await readBounded(createReadStream(path), `'${path}'`), `'${path}'`);
}

/**
 * Reads what `--data` names.
 *
 * @param argument JSON, `@<file>`, or `-` for the standard input
 * @param signal ends the wait for the standard input
 * @throws IonError `invalid`
 */
export async function readData(argument: string, stdin: Readable, signal: AbortSignal): Promise<JsonObject> {
  if (argument === "-") {
    const from = "the standard input";
    return parseJsonObject(await readBounded(addAbortSignal(signal, stdin), from), from);
  }
  if (argument.startsWith("@")) return await readJsonFile(argument.slice(1));
  return parseJsonObject(argument, "--data");
}
