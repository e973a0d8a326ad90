import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import {
  type EventType,
  IonError,
  type JsonObject,
  type Module,
  workspacePaths,
} from "../../runtime/contract/index.ts";
import { isJsonObject, type Json } from "../../runtime/contract/json.ts";
import { fromKeyValues, isKeyValues } from "../../runtime/contract/workspace.ts";
import { messageOf } from "./errors.ts";
import { describeIssues } from "./schema.ts";

export interface WrittenEvent {
  readonly type: string;
  readonly data: unknown;
  readonly files: readonly string[];
}

/** What a workspace's `out` folder holds. */
export interface Written {
  readonly events: readonly WrittenEvent[];
  readonly insight: JsonObject;
  readonly files: Readonly<Record<string, Buffer>>;
}

async function readJson(file: string, name: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new IonError("invalid", `${name} is not JSON: ${messageOf(cause)}`, { cause });
  }
}

function readScalar(text: Json | undefined, schema: unknown): Json | undefined {
  const type = isJsonObject(schema) ? schema.type : undefined;
  if (typeof text !== "string") return text;
  if ((type === "integer" || type === "number") && text.trim() !== "") return Number(text);
  return type === "boolean" && (text === "true" || text === "false") ? text === "true" : text;
}

/** The original Ion's values are strings: those that the schema wants otherwise are changed. */
function typeValues(event: EventType, data: JsonObject): JsonObject {
  const { properties } = event.schema["~standard"].jsonSchema.input({ target: "draft-2020-12" });
  const schemas: Readonly<Record<string, unknown>> = isJsonObject(properties) ? properties : {};
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, readScalar(value, schemas[key])]),
  );
}

function splitKeyValues(written: JsonObject): WrittenEvent {
  const { eventType, files, ...data } = written;
  const names = String(files ?? "").split(",");
  return { type: String(eventType), data, files: names.map((name) => name.trim()).filter(Boolean) };
}

function readShape(name: string, content: unknown): WrittenEvent & { readonly original: boolean } {
  if (isKeyValues(content)) return { ...splitKeyValues(fromKeyValues(content)), original: true };
  if (isJsonObject(content) && typeof content.type === "string") {
    const files = Array.isArray(content.files) ? content.files.map(String) : [];
    return { type: content.type, data: content.data, files, original: false };
  }
  throw new IonError("invalid", `${name} must be {"type","data","files"} or [{"key","value"}]`);
}

async function readWrittenEvent(
  module: Module,
  name: string,
  content: unknown,
  files: ReadonlySet<string>,
): Promise<WrittenEvent> {
  const { original, ...written } = readShape(name, content);
  const event = module.emits.find(({ type }) => type === written.type);
  if (event === undefined) {
    throw new IonError("invalid", `${name}: module '${module.name}' may not emit '${written.type}'`);
  }
  const missing = written.files.find((file) => !files.has(file));
  if (missing !== undefined) {
    throw new IonError("invalid", `${name}: there is no file '${missing}' in ${workspacePaths.outputFiles}`);
  }
  const data = original && isJsonObject(written.data) ? typeValues(event, written.data) : written.data;
  const result = await event.schema["~standard"].validate(data);
  if (result.issues !== undefined) throw new IonError("invalid", `${name}: ${describeIssues(result)}`);
  return { ...written, data: result.value };
}

async function readFiles(root: string): Promise<Record<string, Buffer>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = paths
    .sort()
    .map(async (path) => [relative(root, path).split(sep).join("/"), await readFile(path)] as const);
  return Object.fromEntries(await Promise.all(files));
}

async function readInsight(folder: string): Promise<JsonObject> {
  const entries = await readdir(join(folder, "out"));
  if (!entries.includes("insights.json")) return {};
  const content = await readJson(join(folder, workspacePaths.insights), workspacePaths.insights);
  if (isKeyValues(content)) return fromKeyValues(content);
  if (isJsonObject(content)) return content;
  throw new IonError("invalid", `${workspacePaths.insights} must be an object or [{"key","value"}]`);
}

/**
 * Reads what a program has left in its workspace, in either of the two forms.
 *
 * @throws IonError `invalid` when commit would refuse it
 */
export async function readWritten(module: Module, folder: string): Promise<Written> {
  const files = await readFiles(join(folder, workspacePaths.outputFiles));
  const known = new Set(Object.keys(files));
  const events: WrittenEvent[] = [];
  for (const entry of (await readdir(join(folder, workspacePaths.events))).sort()) {
    const name = `${workspacePaths.events}/${entry}`;
    events.push(await readWrittenEvent(module, name, await readJson(join(folder, name), name), known));
  }
  return { events, insight: await readInsight(folder), files };
}
