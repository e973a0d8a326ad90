/** Runs a module's program without a platform: `import { runModule } from "ion/kit/testing"`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import {
  type Duration,
  type EmittedEvents,
  type EventType,
  type FlowInput,
  IonError,
  type JsonObject,
  type Module,
  type SubscribedEvents,
  seconds,
} from "../../runtime/contract/index.ts";
import { isJsonObject } from "../../runtime/contract/json.ts";
import { readWritten } from "./test-output.ts";
import { makeTestWorkspace, type TestFiles } from "./test-workspace.ts";

type Given<E> =
  E extends EventType<infer Type, infer Data> ? { readonly type: Type; readonly data: Data } : never;
type Emitted<E> =
  E extends EventType<infer Type, infer Data>
    ? { readonly type: Type; readonly data: Data; readonly files: readonly string[] }
    : never;

export interface ModuleTest<M extends Module> {
  /** One of the events that the module subscribes to. */
  readonly event: Given<SubscribedEvents<M>>;
  /** Name below `in/data` -> its content, or the path of a file to copy. @default {} */
  readonly files?: TestFiles;
  /** For a module on `ion.flow_completed`: what `in/flow.json` holds; its files go to `<eventId>/<path>` in `files`. */
  readonly flow?: FlowInput;
  /** Settings that differ from the declaration's, and secrets. @default {} */
  readonly config?: Readonly<Record<string, string>>;
  /** The project's folder, in which the command starts. @default the current folder */
  readonly project?: string;
  /** @default seconds(60) */
  readonly timeout?: Duration;
  /** Sends SIGTERM when it aborts, as Ion does to stop an execution. */
  readonly signal?: AbortSignal;
  /** Sees each piece of the log as it comes. */
  readonly onLog?: (text: string) => void;
}

/** What the program did, and what of it would be committed: nothing unless it succeeded. */
export interface ModuleResult<M extends Module> {
  /** 0: it succeeded; 64 to 78: it failed and would not be tried again. */
  readonly exitCode: number;
  /** What it wrote to its output and error streams. */
  readonly log: string;
  /** In the order of their files' names. */
  readonly events: readonly Emitted<EmittedEvents<M>>[];
  readonly insight: JsonObject;
  /** Name below `out/data` -> content. */
  readonly files: Readonly<Record<string, Buffer>>;
}

/** Whether an event whose data has been checked is one of the module's. */
function isEmitted<M extends Module>(module: M, event: unknown): event is Emitted<EmittedEvents<M>> {
  return isJsonObject(event) && module.emits.some(({ type }) => type === event.type);
}

function makeEnvironment(
  { name, spec }: Module,
  config: Readonly<Record<string, string>>,
  folder: string,
): Record<string, string> {
  const { PATH = "", HOME = tmpdir() } = process.env;
  const ids = { ION_EXECUTION_ID: "test", ION_CORRELATION_ID: "test", ION_EVENT_ID: "test" };
  return {
    ...spec.config,
    ...config,
    PATH,
    HOME,
    TMPDIR: tmpdir(),
    ION_DIR: folder,
    HANDLER_BASE_DIR: folder,
    ION_MODULE: name,
    ION_ATTEMPT: "1",
    ...ids,
  };
}

interface Ended {
  readonly exitCode: number;
  readonly log: string;
}

type CommandOptions = Pick<ModuleTest<Module>, "project" | "timeout" | "signal" | "onLog">;

async function runCommand(
  { name, spec }: Module,
  environment: Record<string, string>,
  { project = process.cwd(), timeout = seconds(60), signal, onLog }: CommandOptions,
): Promise<Ended> {
  const [program, ...args] = spec.command;
  const child = spawn(program === "node" ? process.execPath : program, args, {
    cwd: project,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeout.milliseconds,
    killSignal: "SIGKILL",
  });
  signal?.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      onLog?.(text);
    });
  }
  const [exitCode]: unknown[] = await once(child, "close");
  if (typeof exitCode === "number") return { exitCode, log };
  throw new IonError(
    "unavailable",
    `module '${name}' was ended by ${child.signalCode}; its timeout is ${timeout.milliseconds} ms. Its log:\n${log}`,
  );
}

/**
 * Runs a module's command on an event in a workspace of its own, which is removed afterwards.
 *
 * @throws IonError `invalid` when what it wrote would be refused by commit
 * @throws IonError `unavailable` when it was ended by its timeout or a signal
 * @example
 * ```ts
 * const { exitCode, events } = await runModule(thumbnails, {
 *   event: { type: "file_transcoded", data: { seconds: 3 } },
 *   files: { "film.mp4": "test/film.mp4" },
 * });
 * ```
 */
export async function runModule<const M extends Module>(
  module: M,
  test: ModuleTest<M>,
): Promise<ModuleResult<M>> {
  const { files = {}, config = {}, flow } = test;
  const given: { readonly type: string; readonly data: unknown } = test.event;
  if (!isJsonObject(given.data)) throw new IonError("invalid", "an event's data must be an object");
  const content = { type: given.type, data: given.data, files, ...(flow !== undefined && { flow }) };
  await using workspace = await makeTestWorkspace(content);
  const environment = makeEnvironment(module, config, workspace.folder);
  const { exitCode, log } = await runCommand(module, environment, test);
  if (exitCode !== 0) return { exitCode, log, events: [], insight: {}, files: {} };
  const written = await readWritten(module, workspace.folder);
  return { ...written, exitCode, log, events: written.events.filter((event) => isEmitted(module, event)) };
}
