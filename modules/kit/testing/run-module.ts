import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import type { EventType, FlowInput, Module, SubscribedEvents } from "ion";
import { type Ended, type ModuleResult, readResult } from "./result.ts";
import { type InputFile, prepareWorkspace } from "./workspace.ts";

type TestEvent<E> =
  E extends EventType<infer Type, infer Data> ? { readonly type?: Type; readonly data: Data } : never;

export interface RunModuleOptions<M extends Module> {
  /** The event; without a type it is the one the module subscribes to first. */
  readonly event: TestEvent<SubscribedEvents<M>>;
  /** Files of the event by name: bytes, or the path of a file to copy. @default {} */
  readonly files?: Readonly<Record<string, InputFile>>;
  /** What `in/flow.json` says, for a module on `ion.flow_completed`. */
  readonly flow?: FlowInput;
  /** The files that `local` in `flow` names, by that path. @default {} */
  readonly flowFiles?: Readonly<Record<string, InputFile>>;
  /** Settings and secrets, over those of the declaration. @default {} */
  readonly config?: Readonly<Record<string, string>>;
  /** Folder the command starts in. @default the current folder */
  readonly cwd?: string;
  /** Milliseconds until SIGKILL. @default the declared timeout */
  readonly timeout?: number;
  /** Sends SIGTERM when it aborts, as Ion does to stop an execution. */
  readonly signal?: AbortSignal;
  /** Sees the log as it grows. */
  readonly onLog?: (text: string) => void;
}

function makeEnvironment({ name, spec }: Module, root: string, config: Readonly<Record<string, string>>) {
  const { PATH = "", HOME = tmpdir() } = process.env;
  const ids = { ION_EXECUTION_ID: "test", ION_CORRELATION_ID: "test", ION_EVENT_ID: "test" };
  const ion = { ION_DIR: root, HANDLER_BASE_DIR: root, ION_MODULE: name, ION_ATTEMPT: "1" };
  return { ...spec.config, ...config, PATH, HOME, TMPDIR: join(root, "tmp"), ...ids, ...ion };
}

const readProgress = (log: string): number[] =>
  [...log.matchAll(/^::progress (\S+)/gm)].map(([, fraction]) => Number(fraction));

type CommandOptions = Pick<RunModuleOptions<Module>, "config" | "cwd" | "timeout" | "signal" | "onLog">;

/** Runs the module's real command; "node" is the one that runs the test. */
function runCommand(module: Module, root: string, options: CommandOptions): Promise<Ended> {
  const [program, ...rest] = module.spec.command;
  const child = spawn(program === "node" ? process.execPath : program, rest, {
    cwd: options.cwd ?? process.cwd(),
    env: makeEnvironment(module, root, options.config ?? {}),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: options.timeout ?? module.spec.timeoutMilliseconds,
    killSignal: "SIGKILL",
  });
  options.signal?.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      options.onLog?.(text);
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
      resolve({ exitCode, log, progress: readProgress(log) });
    });
  });
}

/**
 * Runs a module's program on an event and its files, with no platform, and returns what would be committed.
 *
 * @throws Error when the program can't be started, or what it wrote would be refused: an undeclared
 *   type, data that breaks its schema, a file that is not there
 * @example
 * ```ts
 * using result = await runModule(thumbnails, { event: { data: {} }, files: { "a.png": png } });
 * assert.equal(result.exitCode, 0, result.log);
 * assert.deepEqual(result.events[0]?.data, { width: 320 });
 * ```
 */
export async function runModule<M extends Module>(
  module: M,
  options: RunModuleOptions<M>,
): Promise<ModuleResult<M>> {
  const { files, flow, flowFiles } = options;
  const event: { readonly type?: string; readonly data: unknown } = options.event;
  const type = event.type ?? module.spec.on[0]?.type ?? "";
  const root = mkdtempSync(join(tmpdir(), "ion-test-"));
  try {
    prepareWorkspace(root, { type, data: event.data, files, flow, flowFiles });
    return await readResult(module, root, await runCommand(module, root, options));
  } catch (thrown) {
    rmSync(root, { recursive: true, force: true });
    throw thrown;
  }
}
