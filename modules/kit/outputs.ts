import { mkdirSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import {
  type EmittedEvents,
  type EventType,
  type JsonObject,
  type Module,
  workspacePaths,
} from "../../runtime/contract/index.ts";
import { describeIssues } from "./schema.ts";

type DataOf<E> = E extends EventType<string, infer Data> ? Data : never;

export interface EmitOptions {
  /** Files that go with the event: paths that `output` or `writeFile` returned. @default [] */
  readonly files?: readonly string[];
}

/** Writes an event; which ones, and with what data, the declaration's `emits` says. */
export type Emit<M extends Module> = <E extends EmittedEvents<M>>(
  event: E,
  data: DataOf<E>,
  options?: EmitOptions,
) => void;

/** From memory, or a stream. */
export type FileContent = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/** Where a module leaves what it has made. */
export interface Outputs<M extends Module> {
  output(path: string): string;
  writeFile(path: string, content: FileContent): Promise<string>;
  readonly emit: Emit<M>;
  insight(values: JsonObject): void;
}

/** The name of a path below `root`, `/` between folders; undefined when it is not below. */
function findNameBelow(root: string, path: string): string | undefined {
  const name = relative(root, resolve(root, path)).split(sep).join("/");
  const outside = name === "" || name === ".." || name.startsWith("../") || isAbsolute(name);
  return outside ? undefined : name;
}

function checkData({ type, schema }: EventType, data: unknown): void {
  const result = schema["~standard"].validate(data);
  // A schema that needs to wait is checked by commit alone.
  if (result instanceof Promise) return;
  const problem = describeIssues(result);
  if (problem !== undefined) throw new TypeError(`event '${type}' can't be emitted: ${problem}`);
}

/** @param folder the workspace */
export function openOutputs<M extends Module>(module: M, folder: string): Outputs<M> {
  const root = join(folder, workspacePaths.outputFiles);
  const insights: Record<string, unknown> = {};
  let emitted = 0;

  function nameBelow(path: string): string {
    const name = findNameBelow(root, path);
    if (name !== undefined) return name;
    throw new TypeError(
      `'${path}' is not below ${workspacePaths.outputFiles}: use a path such as 'a/b.png' or one that output() returned`,
    );
  }

  function output(path: string): string {
    const file = join(root, nameBelow(path));
    mkdirSync(dirname(file), { recursive: true });
    return file;
  }

  return {
    output,
    async writeFile(path, content) {
      const file = output(path);
      await writeFile(file, content);
      return file;
    },
    emit(event, data, { files = [] } = {}) {
      if (!module.emits.some(({ type }) => type === event.type)) {
        throw new TypeError(
          `module '${module.name}' can't emit '${event.type}': add it to 'emits' of its declaration`,
        );
      }
      checkData(event, data);
      const content = JSON.stringify({ type: event.type, data, files: files.map(nameBelow) });
      // The name is part of the event's id: the same on every attempt that emits in the same order.
      const name = `${String(emitted).padStart(5, "0")}.json`;
      writeFileSync(join(folder, workspacePaths.events, name), content);
      emitted += 1;
    },
    insight(values) {
      Object.assign(insights, values);
      writeFileSync(join(folder, workspacePaths.insights), JSON.stringify(insights));
    },
  };
}
