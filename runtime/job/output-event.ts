import type { PipelineSpec } from "../contract/check.ts";
import { IonError } from "../contract/errors.ts";
import { findFilePathProblem } from "../contract/file-path.ts";
import type { JsonObject } from "../contract/json.ts";
import { maxDocumentBytes, maxEventBytes } from "../contract/limits.ts";
import type { ModuleSpec } from "../contract/module.ts";
import { formatBytes } from "../contract/size.ts";
import { type EventFile, readEventFile } from "./event-file.ts";
import { quote } from "./quote.ts";
import { jsonBytes, readJson, requireSize } from "./read-json.ts";
import { findDataProblem } from "./schemas.ts";

/** An event that a module wrote. */
export interface OutputEvent {
  /** The event file's name: the child's id derives from it. */
  readonly name: string;
  readonly type: string;
  readonly data: JsonObject;
  /** Paths in `out/data`. */
  readonly files: readonly string[];
}

/** What an output is checked against. */
export interface InspectContext {
  readonly module: ModuleSpec;
  readonly events: PipelineSpec["events"];
}

/** Kept free in an event for the attributes around its data, in bytes: three ids, type, source, time, traceparent. */
const attributeBytes = 1024;
export const maxDataBytes = maxEventBytes - attributeBytes;

/** What one file takes in an event's document besides its path and the path in its blob's name, in bytes. */
const fileReferenceBytes = 240;

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
    const problem = findFilePathProblem(path);
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

/** @throws IonError `invalid` or `limit` when the event breaks a rule */
export function readOutputEvent(
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
