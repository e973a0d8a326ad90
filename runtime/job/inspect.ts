import { lstatSync } from "node:fs";
import { IonError } from "../contract/errors.ts";
import { findFilePathProblem } from "../contract/file-path.ts";
import { isJsonObject, type JsonObject } from "../contract/json.ts";
import { maxDocumentBytes } from "../contract/limits.ts";
import type { ModuleSpec } from "../contract/module.ts";
import { isKeyValues, workspacePaths } from "../contract/workspace.ts";
import { readKeyValues } from "./event-file.ts";
import { type HardLinks, hardLinks } from "./hard-links.ts";
import { type InspectContext, type OutputEvent, readOutputEvent } from "./output-event.ts";
import { quote } from "./quote.ts";
import { jsonBytes, readJson, requireSize } from "./read-json.ts";
import { readFolder, requireKind, statFile, type WalkedFile, walkFiles } from "./tree-walk.ts";

/** What a module left in `out/`, checked. */
export interface Output {
  readonly files: readonly WalkedFile[];
  /** In the order of their names. */
  readonly children: readonly OutputEvent[];
  readonly insight?: JsonObject;
}

/** An insight shares its commit's batch with the manifest and the children. */
export const maxInsightBytes = maxDocumentBytes / 2;

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
    const problem = findFilePathProblem(entry.name);
    if (problem !== undefined) throw new IonError("invalid", `the name ${shown} ${problem}`);
    if (!entry.name.endsWith(".json")) {
      throw new IonError("invalid", `${shown} is no event file: its name must end with '.json'`);
    }
    const { size } = statFile(shown, `${folder}/${entry.name}`, links);
    requireSize(shown, size, maxDocumentBytes);
  }
  return entries.map(({ name }) => name).sort();
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
  const children = names.map((name) => readOutputEvent(eventFolder, name, known, context));
  const insight = present.has("insights.json") ? readInsight(insightFile) : undefined;
  return { files, children, ...(insight !== undefined && { insight }) };
}
