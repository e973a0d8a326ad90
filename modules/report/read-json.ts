import type { Json, JsonObject } from "ion";

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readValue(object: JsonObject, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => (isObject(value) ? value[key] : undefined), object);
}

/** The number at a path; undefined when something else, or nothing, is there. */
export function readNumber(object: JsonObject, ...path: string[]): number | undefined {
  const value = readValue(object, path);
  return typeof value === "number" ? value : undefined;
}

/** The text at a path; undefined when something else, or nothing, is there. */
export function readText(object: JsonObject, ...path: string[]): string | undefined {
  const value = readValue(object, path);
  return typeof value === "string" ? value : undefined;
}
