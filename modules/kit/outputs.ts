import { mkdirSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { EmittedEvents, EventType, JsonObject, Module } from "ion";
import { workspacePaths } from "../../runtime/contract/workspace.ts";
import { findDataProblem } from "./check-data.ts";
import { PermanentError } from "./errors.ts";
import { withSlashes } from "./list-files.ts";

/** The names of the event types a module may emit. */
export type EmittedType<M extends Module> = EmittedEvents<M>["type"];

type DataOf<Events, Type> =
  Events extends EventType<infer Each, infer Data> ? (Each extends Type ? Data : never) : never;

/** The data that an emitted event must have. */
export type EmittedData<M extends Module, Type extends EmittedType<M>> = DataOf<EmittedEvents<M>, Type>;

export interface EmitOptions {
  /** Files of the event: what `output()` or `writeFile()` returned, or paths below `out/data`. @default [] */
  readonly files?: readonly string[];
}

/**
 * Raises an event once the module has succeeded: one that the declaration's `emits` names, with its data.
 *
 * @param eventType the declaration, or its type's name; with the name, data is first checked at the commit
 * @throws PermanentError when the data breaks the declared schema
 */
export type Emit<M extends Module> = <Type extends EmittedType<M>>(
  eventType: Type | EventType<Type>,
  data: EmittedData<M, Type>,
  options?: EmitOptions,
) => void;

export type FileContent =
  | string
  | NodeJS.ArrayBufferView
  | Iterable<string | NodeJS.ArrayBufferView>
  | AsyncIterable<string | NodeJS.ArrayBufferView>;

function checkedType(eventType: EventType, data: unknown): string {
  const problem = findDataProblem(eventType, data);
  if (problem === undefined) return eventType.type;
  throw new PermanentError(`cannot emit '${eventType.type}': ${problem}`);
}

function requireBelow(folder: string, path: string): { readonly file: string; readonly name: string } {
  const file = resolve(folder, path);
  const name = withSlashes(folder, file);
  if (name === "" || name === ".." || name.startsWith("../") || isAbsolute(name)) {
    throw new PermanentError(
      `'${path}' is not below ${workspacePaths.outputFiles}: use a path such as 'a/b.png', or one that output() returned`,
    );
  }
  return { file, name };
}

/** The writing side of a workspace: what is emitted or reported is on disk when the call returns. */
export interface Outputs<M extends Module> {
  readonly output: (path: string) => string;
  readonly writeFile: (path: string, content: FileContent) => Promise<string>;
  readonly emit: Emit<M>;
  readonly insight: (values: JsonObject) => void;
}

/** @param root the workspace */
export function openOutputs<M extends Module>(root: string): Outputs<M> {
  const folder = join(root, workspacePaths.outputFiles);
  let emitted = 0;
  let insights: JsonObject = {};
  const output = (path: string): string => {
    const { file } = requireBelow(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  return {
    output,
    async writeFile(path, content) {
      const file = output(path);
      await writeFile(file, content);
      return file;
    },
    emit(eventType, data, { files = [] } = {}) {
      const type = typeof eventType === "string" ? eventType : checkedType(eventType, data);
      const names = files.map((file) => requireBelow(folder, file).name);
      // The file's name goes into the event's id: attempts that emit in the same order raise the same events.
      const name = `${String(emitted).padStart(5, "0")}.json`;
      writeFileSync(join(root, workspacePaths.events, name), JSON.stringify({ type, data, files: names }));
      emitted += 1;
    },
    insight(values) {
      insights = { ...insights, ...values };
      writeFileSync(join(root, workspacePaths.insights), JSON.stringify(insights));
    },
  };
}
