import { maxEventTypeLength, maxModuleNameLength } from "./limits.ts";

const modulePattern = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const eventTypePattern = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/** Event types that Ion itself raises begin with this. */
export const reservedEventPrefix = "ion.";

/** Parts of the platform: their names are taken in events' sources, in clusters and in files of manifests. */
const platformParts: readonly string[] = [
  "dispatcher",
  "gateway",
  "ion",
  "management",
  "platform",
  "sweeper",
];

/**
 * Says whether a module's name belongs to the platform.
 *
 * @returns the message, or undefined when the name is free
 */
export function findReservedNameProblem(name: string): string | undefined {
  if (!platformParts.includes(name)) return undefined;
  return `module name '${name}' is reserved for a part of the platform: choose another than ${platformParts.join(", ")}`;
}

/**
 * Says which rule a module's (or pipeline's) name breaks.
 *
 * @returns the message, or undefined when the name is fine
 */
export function findModuleNameProblem(name: string, what = "module name"): string | undefined {
  if (name.length > maxModuleNameLength) {
    return `${what} '${name}' has ${name.length} characters: at most ${maxModuleNameLength} are allowed`;
  }
  if (!modulePattern.test(name)) {
    return `${what} '${name}' is not an RFC 1123 label: use lower-case letters, digits and '-', with a letter or digit at both ends`;
  }
  return undefined;
}

/**
 * Says which rule an event type breaks.
 *
 * @returns the message, or undefined when the type is fine
 */
export function findEventTypeProblem(type: string): string | undefined {
  if (type.length > maxEventTypeLength) {
    return `event type '${type}' has ${type.length} characters: at most ${maxEventTypeLength} are allowed`;
  }
  if (!eventTypePattern.test(type)) {
    return `event type '${type}' has a character that a topic's name can't carry: use letters, digits, '.', '-' and '_', with a letter or digit at both ends`;
  }
  return undefined;
}
