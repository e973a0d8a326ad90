import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documentId } from "../contract/documents.ts";
import { IonError } from "../contract/errors.ts";
import { type FileReference, flowCompleted, type IonEvent } from "../contract/event.ts";
import { findSystemErrorCode } from "../contract/file-error.ts";
import { toKeyValues, workspaceFolders, workspacePaths } from "../contract/workspace.ts";
import type { Blobs } from "../ports/blobs.ts";
import type { Documents } from "../ports/documents.ts";
import type { Attempt } from "../ports/executor.ts";
import { bringFiles } from "./bring-files.ts";
import { writeFlowInput } from "./flow-input.ts";

export interface PreparePorts {
  readonly documents: Documents;
  readonly blobs: Blobs;
}

const noFolders: readonly string[] = [];

/** Whether a folder holds the workspace's folders and nothing else: an executor may hand out one that was emptied. */
function isEmptyWorkspace(workspace: string): boolean {
  return ["", ...workspaceFolders].every((folder) => {
    const prefix = folder === "" ? "" : `${folder}/`;
    const inner = workspaceFolders.filter(
      (each) => each.startsWith(prefix) && !each.slice(prefix.length).includes("/"),
    );
    const entries = readdirSync(join(workspace, folder)).sort();
    const wanted = inner.map((each) => each.slice(prefix.length)).sort();
    return entries.length === wanted.length && entries.every((entry, index) => entry === wanted[index]);
  });
}

/** @returns the folders that are still to be made */
function makeWorkspace(workspace: string): readonly string[] {
  try {
    mkdirSync(workspace);
    return workspaceFolders;
  } catch (thrown) {
    const code = findSystemErrorCode(thrown);
    if (code !== "EEXIST" && code !== "ENOENT") throw thrown;
    if (code === "EEXIST" && isEmptyWorkspace(workspace)) return noFolders;
    // In a job the folder itself is a mount, which can't be removed: what is in it goes.
    mkdirSync(workspace, { recursive: true });
    for (const name of readdirSync(workspace))
      rmSync(join(workspace, name), { recursive: true, force: true });
    return workspaceFolders;
  }
}

async function findFiles({ documents }: PreparePorts, event: IonEvent): Promise<readonly FileReference[]> {
  const stored = await documents.find("event", event.correlationid, documentId.event(event.id));
  if (stored === undefined) {
    throw new IonError(
      "not-found",
      `can't bring the ${event.files} files of event '${event.id}': flow '${event.correlationid}' has no document of it`,
    );
  }
  const { files } = stored.document;
  if (files.length !== event.files) {
    throw new IonError(
      "invalid",
      `event '${event.id}' says it has ${event.files} files, but its document lists ${files.length}`,
    );
  }
  return files;
}

function writeEventMeta(workspace: string, event: IonEvent, files: readonly FileReference[]): void {
  const folder = join(workspace, workspacePaths.inputFiles);
  const pairs = [
    ...toKeyValues(event.data),
    ...files.map(({ path }) => ({ key: path, value: join(folder, path) })),
  ];
  writeFileSync(join(workspace, workspacePaths.eventMeta), JSON.stringify(pairs));
}

/**
 * Makes an attempt's workspace: its folders, the event in both forms, and the event's files; for
 * `ion.flow_completed` the whole flow. What an earlier run of the same attempt left is removed.
 *
 * @param workspace absolute; neither it nor its parent has to exist
 * @throws IonError `not-found` when the event's document or a blob is gone; `invalid` when the
 *   document doesn't fit the event or a path leads outside; `unavailable` when bytes came broken
 */
export async function prepareWorkspace(
  attempt: Attempt,
  workspace: string,
  ports: PreparePorts,
  signal: AbortSignal,
): Promise<void> {
  const { event } = attempt;
  for (const folder of makeWorkspace(workspace)) mkdirSync(`${workspace}/${folder}`);
  writeFileSync(`${workspace}/${workspacePaths.event}`, JSON.stringify(event));
  if (event.files === 0) writeEventMeta(workspace, event, []);
  else {
    const files = await findFiles(ports, event);
    await bringFiles(files, join(workspace, workspacePaths.inputFiles), ports.blobs, signal);
    writeEventMeta(workspace, event, files);
  }
  if (event.type === flowCompleted.type) await writeFlowInput(attempt, workspace, ports, signal);
}
