import { IonError } from "../contract/errors.ts";
import { isId } from "../contract/ids.ts";
import { isJsonObject } from "../contract/json.ts";
import type { PageRequest } from "../ports/page.ts";
import type { ReplaySelector } from "./api.ts";

const maxPageSize = 1_000;

const shorten = (value: unknown): string => JSON.stringify(value)?.slice(0, 200) ?? "nothing";

/** What stands behind the `?` of an address. @throws IonError `invalid` for a field that is not known or stands there twice */
export function readQuery<Field extends string>(
  query: unknown,
  ...fields: readonly Field[]
): Partial<Record<Field, string>> {
  const known: readonly string[] = fields;
  const values: Partial<Record<string, string>> = {};
  for (const [field, value] of Object.entries(isJsonObject(query) ? query : {})) {
    if (!known.includes(field)) {
      const choice = fields.length === 0 ? "none is" : `known are ${fields.join(", ")}`;
      throw new IonError("invalid", `query parameter '${field.slice(0, 100)}' is not known: ${choice}`);
    }
    if (typeof value !== "string") {
      throw new IonError("invalid", `query parameter '${field}' stands there several times: give it once`);
    }
    values[field] = value;
  }
  return values;
}

/** @throws IonError `invalid` when the text is no id */
export function requireId(what: string, id: string): string {
  if (isId(id)) return id;
  throw new IonError(
    "invalid",
    `${what} must be an id such as 5f0c1d1e-…, a UUID in lower case: it is ${shorten(id)}`,
  );
}

function readWhole(field: string, text: string, most: number): number {
  const value = Number(text);
  if (/^[0-9]{1,9}$/.test(text) && value >= 1 && value <= most) return value;
  const rule = `must be a whole number from 1 to ${most.toLocaleString("en")}`;
  throw new IonError("invalid", `query parameter '${field}' ${rule}: it is ${shorten(text)}`);
}

export function readPage({ size, after }: { size?: string; after?: string }): PageRequest {
  return {
    size: size === undefined ? 100 : readWhole("size", size, maxPageSize),
    ...(after !== undefined && { after }),
  };
}

export function readAttempt(text: string | undefined): number | undefined {
  return text === undefined ? undefined : readWhole("attempt", text, 1_000_000);
}

export function readFlag(field: string, text: string | undefined): boolean {
  if (text === undefined || text === "false") return false;
  if (text === "true" || text === "") return true;
  throw new IonError("invalid", `query parameter '${field}' must be true or false: it is ${shorten(text)}`);
}

/** @returns milliseconds since 1970 */
export function readTime(field: string, text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(time)) return time;
  throw new IonError(
    "invalid",
    `query parameter '${field}' must be a time in ISO 8601, such as 2026-01-31T12:00:00Z: it is ${shorten(text)}`,
  );
}

const selectorFields: Readonly<Record<string, "string" | "boolean">> = {
  eventId: "string",
  module: "string",
  type: "string",
  code: "string",
  all: "boolean",
};

/** @throws IonError `invalid` when the body is no selector, or selects by nothing without saying `all` */
export function readSelector(body: unknown): ReplaySelector {
  if (!isJsonObject(body)) {
    throw new IonError(
      "invalid",
      'the body must be a JSON object, such as {"eventId": "…"} or {"all": true}',
    );
  }
  for (const [field, value] of Object.entries(body)) {
    const type = Object.hasOwn(selectorFields, field) ? selectorFields[field] : undefined;
    if (type === undefined) {
      const known = Object.keys(selectorFields).join(", ");
      throw new IonError("invalid", `field '${field.slice(0, 100)}' is not known: known are ${known}`);
    }
    if (typeof value !== type)
      throw new IonError("invalid", `field '${field}' must be a ${type}: it is ${shorten(value)}`);
  }
  // The loop has checked each field's type.
  const selector = body as ReplaySelector;
  const { eventId, module, type, code, all } = selector;
  if (eventId !== undefined) requireId("field 'eventId'", eventId);
  if (all !== true && [eventId, module, type, code].every((field) => field === undefined)) {
    throw new IonError(
      "invalid",
      'nothing is selected: give eventId, module, type or code; {"all": true} replays every dead letter',
    );
  }
  return selector;
}
