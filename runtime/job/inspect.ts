import { lstatSync } from "node:fs";
import type { PipelineSpec } from "../contract/check.ts";
import { IonError } from "../contract/errors.ts";
import { isJsonObject, type JsonObject } from "../contract/json.ts";
import { maxDocumentBytes, maxEventBytes } from "../contract/limits.ts";
import type { ModuleSpec } from "../contract/module.ts";
import { formatBytes } from "../contract/size.ts";
import { isKeyValues, workspacePaths } from "../contract/workspace.ts";
import { type EventFile, readEventFile, readKeyValues } from "./event-file.ts";
import { findPathProblem, quote } from "./paths.ts";
import { readJson } from "./read-json.ts";
import { findDataProblem } from "./schemas.ts";
import {
  type HardLinks,
  hardLinks,
  readFolder,
  requireKind,
  statFile,
  type WalkedFile,
  walkFiles,
} from "./tree-walk.ts";

/** An event that a module wrote. */
export interface OutputEvent {
  /** The event file's name: the child's id derives from it. */
  readonly name: string;
  readonly type: string;
  readonly data: JsonObject;
  /** Paths in `out/data`. */
  readonly files: readonly string[];
}

/** What a module left in `out/`, checked. */
export interface Output {
  readonly files: readonly WalkedFile[];
  /** In the order of their names. */
  readonly children: readonly OutputEvent[];
  readonly insight?: JsonObject;
}

export interface InspectContext {
  readonly module: ModuleSpec;
  readonly events: PipelineSpec["events"];
}

/** Kept free in an event for the attributes around its data, in bytes: three ids, type, source, time, traceparent. */
const attributeBytes = 1024;
export const maxDataBytes = maxEventBytes - attributeBytes;

/** An insight shares its commit's batch with the manifest and the children. */
export const maxInsightBytes = maxDocumentBytes / 2;

/** What one file takes in an event's document besides its path and the path in its blob's name, in bytes. */
const fileReferenceBytes = 240;

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Lists `out/`; a module that removed it left nothing. */
function listOutput(out: string): Set<string> {
  const stats = lstatSync(out, { throwIfNoEntry: false });
  if (stats === undefined) return new Set();
  requireKind("'out'", stats, "folder");
  const names = new Set<string>();
  for (const entry of readFolder("'out'", out)) {
    const shown = quote(`out/${entry.name}`);
    if (entry.name === "data" || entry.name === "events") requireKind(shown, entry, "folder");
    else if (entry.name === "insights.json") requireKind(shown, entry, "file");
    else {
      throw new IonError(
        "invalid",
        `${shown} is not part of a workspace: only 'data', 'events' and 'insights.json' may be in out/; put files to keep into out/data`,
      );
    }
    names.add(entry.name);
  }
  return names;
}

/** The names of the event files, in order; nothing is read yet. */
function listEventFiles(folder: string, module: ModuleSpec, links: HardLinks): string[] {
  const entries = readFolder("'out/events'", folder);
  if (entries.length > module.limits.events) {
    throw new IonError(
      "limit",
      `out/events holds ${entries.length} events, but the limit of module '${module.name}' is ${module.limits.events}: write fewer or raise its limits.events`,
    );
  }
  for (const entry of entries) {
    const shown = quote(`out/events/${entry.name}`);
    requireKind(shown, entry, "file");
    const problem = findPathProblem(entry.name);
    if (problem !== undefined) throw new IonError("invalid", `the name ${shown} ${problem}`);
    if (!entry.name.endsWith(".json")) {
      throw new IonError("invalid", `${shown} is no event file: its name must end with '.json'`);
    }
    const { size } = statFile(shown, `${folder}/${entry.name}`, links);
    requireSize(shown, size, maxDocumentBytes);
  }
  return entries.map(({ name }) => name).sort();
}

function requireSize(shown: string, bytes: number, limit: number): void {
  if (bytes > limit) {
    throw new IonError(
      "limit",
      `${shown} has ${bytes} bytes (${formatBytes(bytes)}): at most ${limit} are allowed; put what is large into a file in out/data`,
    );
  }
}

function checkType(shown: string, { type, files }: EventFile, { module, events }: InspectContext): void {
  if (!module.emits.includes(type)) {
    const allowed = module.emits.map((each) => `'${each}'`).join(", ");
    throw new IonError(
      "invalid",
      `${shown} has the event type ${quote(type)}, which module '${module.name}' doesn't declare: ${allowed === "" ? "its 'emits' is empty" : `its 'emits' has ${allowed}`}`,
    );
  }
  if (files.length > 0 && events[type]?.files === false) {
    throw new IonError("invalid", `${shown} lists files, but event type '${type}' is declared without files`);
  }
}

function checkData(shown: string, { type, data, stringly }: EventFile, events: PipelineSpec["events"]): void {
  const declared = events[type];
  if (declared === undefined) throw new IonError("invalid", `${shown}: event type '${type}' has no schema`);
  const problem = findDataProblem(declared.schema, data, { coerce: stringly });
  if (problem !== undefined) {
    throw new IonError("invalid", `${shown} breaks the schema of event type '${type}': ${problem}`);
  }
}

function checkFiles(shown: string, files: readonly string[], known: ReadonlySet<string>): void {
  const listed = new Set<string>();
  for (const path of files) {
    const problem = findPathProblem(path);
    if (problem !== undefined)
      throw new IonError("invalid", `${shown} lists ${quote(path)}, which ${problem}`);
    if (!known.has(path)) {
      throw new IonError(
        "invalid",
        `${shown} lists ${quote(path)}, which is not in out/data: write it first`,
      );
    }
    if (listed.has(path)) throw new IonError("invalid", `${shown} lists ${quote(path)} twice`);
    listed.add(path);
  }
}

function checkEventSize(shown: string, { data, files }: EventFile): void {
  const dataBytes = jsonBytes(data);
  requireSize(`the data of ${shown}`, dataBytes, maxDataBytes);
  const bytes = files.reduce(
    (sum, path) => sum + 2 * Buffer.byteLength(path) + fileReferenceBytes,
    dataBytes,
  );
  if (bytes > maxDocumentBytes - attributeBytes) {
    throw new IonError(
      "limit",
      `${shown} lists ${files.length} files, which one event's document of ${formatBytes(maxDocumentBytes)} can't hold: spread them over several events`,
    );
  }
}

function readEvent(
  folder: string,
  name: string,
  known: ReadonlySet<string>,
  context: InspectContext,
): OutputEvent {
  const shown = quote(`out/events/${name}`);
  const event = readEventFile(shown, readJson(shown, `${folder}/${name}`));
  checkType(shown, event, context);
  checkFiles(shown, event.files, known);
  checkData(shown, event, context.events);
  checkEventSize(shown, event);
  return { name, type: event.type, data: event.data, files: event.files };
}

/** Nothing to say is no insight. */
function readInsight(file: string): JsonObject | undefined {
  const shown = "'out/insights.json'";
  const value = readJson(shown, file);
  const insight = isKeyValues(value) ? readKeyValues(shown, value) : value;
  if (!isJsonObject(insight)) {
    throw new IonError("invalid", `${shown} is no insight: write an object, or [{"key", "value"}]`);
  }
  requireSize(shown, jsonBytes(insight), maxInsightBytes);
  return Object.keys(insight).length === 0 ? undefined : insight;
}

/**
 * Checks everything that a module left in `out/`, and writes nothing: what breaks a rule would break
 * it again, so every problem is a permanent failure.
 *
 * @param workspace the attempt's folder, absolute
 * @throws IonError `invalid` or `limit` naming the file, the rule, the value and what to do
 */
export function inspectOutput(workspace: string, context: InspectContext): Output {
  const { module } = context;
  const present = listOutput(`${workspace}/out`);
  const links = hardLinks();
  const dataFolder = `${workspace}/${workspacePaths.outputFiles}`;
  const eventFolder = `${workspace}/${workspacePaths.events}`;
  const insightFile = `${workspace}/${workspacePaths.insights}`;
  const files = present.has("data") ? walkFiles("out/data", dataFolder, module.limits, links) : [];
  const names = present.has("events") ? listEventFiles(eventFolder, module, links) : [];
  if (present.has("insights.json")) {
    requireSize(
      "'out/insights.json'",
      statFile("'out/insights.json'", insightFile, links).size,
      maxDocumentBytes,
    );
  }
  // Before anything is read: a message must not quote a file that is not the module's.
  links.check();
  const known = new Set(files.map(({ path }) => path));
  const children = names.map((name) => readEvent(eventFolder, name, known, context));
  const insight = present.has("insights.json") ? readInsight(insightFile) : undefined;
  return { files, children, ...(insight !== undefined && { insight }) };
}
