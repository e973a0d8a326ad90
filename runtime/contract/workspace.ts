import { IonError } from "./errors.ts";
import { isJsonObject, isScalar, type Json, type JsonObject } from "./json.ts";

/** The files of a workspace, relative to `ION_DIR`. */
export const workspacePaths = {
  event: "in/event.json",
  eventMeta: "in/eventmeta.json",
  /** Only for `ion.flow_completed`: the whole tree's events, insights and executions. */
  flow: "in/flow.json",
  inputFiles: "in/data",
  outputFiles: "out/data",
  events: "out/events",
  insights: "out/insights.json",
} as const;

/** The folders that exist before a module starts, parents first. */
export const workspaceFolders = ["in", "in/data", "out", "out/data", "out/events"] as const;

/** The original Ion's form of an object: values as strings. */
export type KeyValues = readonly { readonly key: string; readonly value: string }[];

/** Says an event's data in the original Ion's form; a value that is no scalar is said as JSON. */
export function toKeyValues(data: JsonObject): KeyValues {
  return Object.entries(data)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, value: isScalar(value) ? String(value) : JSON.stringify(value) }));
}

/** Whether a parsed JSON value is in the original Ion's form. */
export function isKeyValues(value: unknown): value is KeyValues {
  return (
    Array.isArray(value) &&
    value.every((pair) => isJsonObject(pair) && typeof pair.key === "string" && isScalar(pair.value))
  );
}

/**
 * Reads the original Ion's form.
 *
 * @throws IonError `invalid` when a key stands there twice
 */
export function fromKeyValues(pairs: KeyValues): Record<string, Json> {
  const object: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const { key, value } of pairs) {
    if (key in object) throw new IonError("invalid", `key '${key}' stands twice`);
    object[key] = value;
  }
  return { ...object };
}

/** What `in/flow.json` holds: a module on `ion.flow_completed` joins the whole tree with it. */
export interface FlowInput {
  readonly correlationId: string;
  readonly startedAt: string;
  readonly completedAt: string;
  readonly counts: { readonly events: number; readonly succeeded: number; readonly failed: number };
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly source: string;
    readonly parentid?: string;
    readonly time: string;
    readonly data: JsonObject;
    /** `local` is set, relative to `ION_DIR`, for the event types that the module joins. */
    readonly files: readonly {
      readonly path: string;
      readonly bytes: number;
      readonly sha256: string;
      readonly local?: string;
    }[];
  }[];
  readonly insights: readonly {
    readonly eventId: string;
    readonly executionId: string;
    readonly module: string;
    readonly insight: JsonObject;
  }[];
  readonly executions: readonly {
    readonly id: string;
    readonly module: string;
    readonly eventId: string;
    readonly phase: string;
    readonly attempt: number;
    readonly error?: string;
  }[];
}
