import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type EventType,
  fromKeyValues,
  isJsonObject,
  isKeyValues,
  type Json,
  type JsonObject,
  type Module,
  workspacePaths,
} from "ion";
import { describeIssues } from "../check-data.ts";
import { messageOf } from "../errors.ts";
import { listFiles } from "../list-files.ts";

/** A file that would be kept. */
export interface OutputFile {
  /** Relative to `out/data`. */
  readonly path: string;
  /** Absolute; there until `cleanup()`. */
  readonly file: string;
}

interface WrittenEvent {
  readonly type: string;
  readonly data: unknown;
  readonly files: readonly OutputFile[];
}

/** What a workspace's `out` folder holds. */
export interface Written {
  readonly events: readonly WrittenEvent[];
  readonly insight: JsonObject;
  readonly files: readonly OutputFile[];
}

function refuse(name: string, reason: string): never {
  throw new Error(`${name} would be refused: ${reason}`);
}

function readJson(root: string, name: string): Json {
  try {
    return JSON.parse(readFileSync(join(root, name), "utf8"));
  } catch (cause) {
    return refuse(name, `it is not JSON: ${messageOf(cause)}`);
  }
}

function typeValue(value: Json | undefined, schema: unknown): Json | undefined {
  const type = isJsonObject(schema) ? schema.type : undefined;
  if (typeof value !== "string") return value;
  if ((type === "integer" || type === "number") && value.trim() !== "") return Number(value);
  return type === "boolean" && (value === "true" || value === "false") ? value === "true" : value;
}

/** The original Ion's values are strings: those that the schema wants otherwise are changed. */
function typeValues({ schema }: EventType, data: JsonObject): JsonObject {
  const { properties } = schema["~standard"].jsonSchema.input({ target: "draft-2020-12" });
  const schemas: JsonObject = isJsonObject(properties) ? properties : {};
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, typeValue(value, schemas[key])]),
  );
}

/** Reads either form of an event's file. */
function readShape(module: Module, name: string, content: Json) {
  const declare = (type: unknown): EventType =>
    module.emits.find((each) => each.type === type) ??
    refuse(name, `module '${module.name}' has no '${String(type)}' in its 'emits'`);
  if (isKeyValues(content)) {
    const { eventType, files, ...data } = fromKeyValues(content);
    const declared = declare(eventType);
    const paths = typeof files === "string" ? files.split(",").map((path) => path.trim()) : [];
    return { declared, data: typeValues(declared, data), paths: paths.filter(Boolean) };
  }
  if (!isJsonObject(content)) refuse(name, 'it must be {"type","data","files"} or [{"key","value"}]');
  const { type, data = {}, files } = content;
  return { declared: declare(type), data, paths: Array.isArray(files) ? files.map(String) : [] };
}

async function readEvent(
  module: Module,
  root: string,
  name: string,
  files: readonly OutputFile[],
): Promise<WrittenEvent> {
  const { declared, data, paths } = readShape(module, name, readJson(root, name));
  const problem = describeIssues(await declared.schema["~standard"].validate(data));
  if (problem !== undefined) refuse(name, `'${declared.type}' breaks its schema: ${problem}`);
  const found = paths.map(
    (path) =>
      files.find((file) => file.path === path) ??
      refuse(name, `there is no file '${path}' in ${workspacePaths.outputFiles}`),
  );
  if (found.length > 0 && !declared.files) refuse(name, `'${declared.type}' is declared without files`);
  return { type: declared.type, data, files: found };
}

function readInsight(root: string): JsonObject {
  const name = workspacePaths.insights;
  const content = existsSync(join(root, name)) ? readJson(root, name) : {};
  if (isKeyValues(content)) return fromKeyValues(content);
  return isJsonObject(content) ? content : refuse(name, 'it must be an object or [{"key","value"}]');
}

/**
 * Reads what a program has left in its workspace, in either of the two forms.
 *
 * @throws Error when the commit would refuse it
 */
export async function readWritten(module: Module, root: string): Promise<Written> {
  const folder = join(root, workspacePaths.outputFiles);
  const files = listFiles(folder).map((path) => ({ path, file: join(folder, path) }));
  const names = listFiles(join(root, workspacePaths.events)).map(
    (name) => `${workspacePaths.events}/${name}`,
  );
  const events = await Promise.all(names.map((name) => readEvent(module, root, name, files)));
  return { events, insight: readInsight(root), files };
}
