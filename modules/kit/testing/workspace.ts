import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type FlowInput, firstEvent, isJsonObject, toKeyValues, workspacePaths } from "ion";

/** Bytes, or the path of a file to copy. */
export type InputFile = Uint8Array | string;

export interface WorkspaceContent {
  readonly type: string;
  readonly data: unknown;
  readonly files?: Readonly<Record<string, InputFile>> | undefined;
  readonly flow?: FlowInput | undefined;
  readonly flowFiles?: Readonly<Record<string, InputFile>> | undefined;
}

const folders = [workspacePaths.inputFiles, workspacePaths.outputFiles, workspacePaths.events, "tmp"];

/** The same in every test, so that a test can name it. */
const id = "00000000-0000-8000-8000-000000000001";

function placeFiles(folder: string, files: Readonly<Record<string, InputFile>> = {}): void {
  for (const [name, content] of Object.entries(files)) {
    const target = join(folder, name);
    mkdirSync(dirname(target), { recursive: true });
    if (typeof content === "string") copyFileSync(content, target);
    else writeFileSync(target, content);
  }
}

/** Writes what Ion writes before a module starts. */
export function prepareWorkspace(root: string, content: WorkspaceContent): void {
  const { type, files = {}, flow, flowFiles } = content;
  const data = isJsonObject(content.data) ? content.data : {};
  const inputFiles = join(root, workspacePaths.inputFiles);
  const names = Object.keys(files);
  const event = firstEvent({ id, type, time: new Date().toISOString(), data, files: names.length });
  const meta = [...toKeyValues(data), ...names.map((key) => ({ key, value: join(inputFiles, key) }))];
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, workspacePaths.event), JSON.stringify(event));
  writeFileSync(join(root, workspacePaths.eventMeta), JSON.stringify(meta));
  if (flow !== undefined) writeFileSync(join(root, workspacePaths.flow), JSON.stringify(flow));
  placeFiles(inputFiles, files);
  placeFiles(root, flowFiles);
}
