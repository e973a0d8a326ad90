import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type FlowInput,
  type IonEvent,
  type JsonObject,
  workspacePaths,
} from "../../runtime/contract/index.ts";
import { toKeyValues, workspaceFolders } from "../../runtime/contract/workspace.ts";

/** Name -> the content, or the path of a file to copy. */
export type TestFiles = Readonly<Record<string, Uint8Array | string>>;

export interface WorkspaceContent {
  readonly type: string;
  readonly data: JsonObject;
  readonly files: TestFiles;
  readonly flow?: FlowInput;
}

function makeEvent({ type, data, files }: WorkspaceContent): IonEvent {
  const id = "00000000-0000-8000-8000-000000000001";
  return {
    specversion: "1.0",
    id,
    source: "/ion/gateway",
    type,
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    data,
    correlationid: id,
    files: Object.keys(files).length,
  };
}

async function writeFiles(root: string, files: TestFiles): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    await (typeof content === "string" ? copyFile(content, path) : writeFile(path, content));
  }
}

/** Writes the input of a workspace as prepare would; disposing of it removes the folder. */
export async function makeTestWorkspace(
  content: WorkspaceContent,
): Promise<{ readonly folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "ion-module-test-"));
  for (const each of workspaceFolders) await mkdir(join(folder, each), { recursive: true });
  const inputFiles = join(folder, workspacePaths.inputFiles);
  await writeFiles(inputFiles, content.files);
  const paths = Object.keys(content.files).map((name) => ({ key: name, value: join(inputFiles, name) }));
  const json: readonly (readonly [string, unknown])[] = [
    [workspacePaths.event, makeEvent(content)],
    [workspacePaths.eventMeta, [...toKeyValues(content.data), ...paths]],
    ...(content.flow === undefined ? [] : [[workspacePaths.flow, content.flow] as const]),
  ];
  for (const [name, value] of json) await writeFile(join(folder, name), JSON.stringify(value));
  return {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
