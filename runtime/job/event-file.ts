import { IonError } from "../contract/errors.ts";
import { isJsonObject, type Json } from "../contract/json.ts";
import { fromKeyValues, isKeyValues, type KeyValues } from "../contract/workspace.ts";
import { quote } from "./quote.ts";

/** What an event file says, before anything of it is checked. */
export interface EventFile {
  readonly type: string;
  readonly data: Record<string, Json | undefined>;
  readonly files: readonly string[];
  /** Whether every value is a string for now: the original Ion's form. */
  readonly stringly: boolean;
}

const knownKeys = new Set(["type", "data", "files"]);

function readObject(shown: string, value: Record<string, Json | undefined>): EventFile {
  const { type, data = {}, files = [] } = value;
  const unknownKey = Object.keys(value).find((key) => !knownKeys.has(key));
  if (unknownKey !== undefined) {
    throw new IonError(
      "invalid",
      `${shown} has the key ${quote(unknownKey)}: only 'type', 'data' and 'files' are known; put what belongs to the event into 'data'`,
    );
  }
  if (typeof type !== "string") throw new IonError("invalid", `${shown} has no 'type': name the event type`);
  if (!isJsonObject(data)) throw new IonError("invalid", `${shown} has 'data' that is not an object`);
  if (!Array.isArray(files)) throw new IonError("invalid", `${shown} has 'files' that is not an array`);
  const paths = files.filter((file): file is string => typeof file === "string");
  if (paths.length < files.length) {
    throw new IonError("invalid", `${shown} has 'files' with something that is not a string: list paths`);
  }
  return { type, data, files: paths, stringly: false };
}

/** @throws IonError `invalid` when a key stands there twice */
export function readKeyValues(shown: string, pairs: KeyValues): Record<string, Json> {
  try {
    return fromKeyValues(pairs);
  } catch (cause) {
    throw new IonError("invalid", `${shown}: ${IonError.from(cause).message}`, { cause });
  }
}

/** A comma after the last name, or none at all, names no file. */
function splitFiles(files: Json | undefined): string[] {
  return (typeof files === "string" ? files : "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/**
 * Reads an event file, in Ion's form or the original Ion's.
 *
 * @param shown how messages name the file
 * @throws IonError `invalid` when it has neither form
 */
export function readEventFile(shown: string, value: unknown): EventFile {
  if (isKeyValues(value)) {
    const { eventType, files, ...data } = readKeyValues(shown, value);
    if (typeof eventType !== "string") {
      throw new IonError("invalid", `${shown} has no key 'eventType': name the event type`);
    }
    return { type: eventType, data, files: splitFiles(files), stringly: true };
  }
  if (isJsonObject(value)) return readObject(shown, value);
  throw new IonError(
    "invalid",
    `${shown} is no event: write {"type", "data", "files"}, or [{"key", "value"}] with the key 'eventType'`,
  );
}
