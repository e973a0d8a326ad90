import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { maxTimerMilliseconds } from "../../contract/clock.ts";
import { endGroup, signalGroup } from "./process-group.ts";

/** How long output may still come after the program's end, from a process that has left its group. */
const lateOutputMilliseconds = 1_000;

export interface ProgramOptions {
  readonly command: readonly [string, ...string[]];
  readonly folder: string;
  /** All of its environment: nothing is added. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMilliseconds: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMilliseconds: number;
  /** Ends the program when it aborts. */
  readonly signal: AbortSignal;
  /** Called with the id of the program's process group, once it runs. */
  readonly onStart: (group: number) => void;
  readonly onOutput: (chunk: Buffer, stream: "stdout" | "stderr") => void;
}

export type ProgramEnd =
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: string }
  | { readonly kind: "timeout" }
  | { readonly kind: "not-started"; readonly cause: unknown };

type Child = ChildProcessByStdio<null, Readable, Readable>;

function start({ command: [name, ...values], folder, environment }: ProgramOptions): Child {
  // The runtime's own Node: a laptop may have no other, or an older one, on its PATH.
  const file = name === "node" ? process.execPath : name;
  return spawn(file, values, {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** SIGTERM for the group, and SIGKILL when the grace is over; the returned function calls the latter off. */
function stopGroup(group: number, graceMilliseconds: number): () => void {
  signalGroup(group, "SIGTERM");
  const timer = setTimeout(() => signalGroup(group, "SIGKILL"), graceMilliseconds);
  return () => clearTimeout(timer);
}

/** Waits until all output has come, from a program that has ended. */
async function waitForOutput(child: Child, closed: Promise<unknown>): Promise<void> {
  const timer = setTimeout(() => {
    child.stdout.destroy();
    child.stderr.destroy();
  }, lateOutputMilliseconds);
  await closed;
  clearTimeout(timer);
}

function waitForExit(child: Child): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    child.once("error", (cause) => {
      if (child.pid === undefined) resolve({ kind: "not-started", cause });
    });
    child.once("exit", (code, signal) => {
      resolve(code === null ? { kind: "signal", signal: signal ?? "a signal" } : { kind: "exit", code });
    });
  });
}

async function supervise(child: Child, group: number, options: ProgramOptions): Promise<ProgramEnd> {
  let timedOut = false;
  let callOff = () => {};
  const stop = () => {
    callOff();
    callOff = stopGroup(group, options.graceMilliseconds);
  };
  const timer = setTimeout(
    () => {
      timedOut = true;
      stop();
    },
    Math.min(options.timeoutMilliseconds, maxTimerMilliseconds),
  );
  options.signal.addEventListener("abort", stop, { once: true });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const end = await waitForExit(child);
  clearTimeout(timer);
  callOff();
  options.signal.removeEventListener("abort", stop);
  await endGroup(group);
  await waitForOutput(child, closed);
  return timedOut ? { kind: "timeout" } : end;
}

/**
 * Runs a program in a process group of its own.
 *
 * @returns how it ended, once nothing of its group is left and all its output was handed over
 */
export async function runProgram(options: ProgramOptions): Promise<ProgramEnd> {
  let child: Child;
  try {
    child = start(options);
  } catch (cause) {
    return { kind: "not-started", cause };
  }
  if (child.pid === undefined) return waitForExit(child);
  child.stdout.on("data", (chunk: Buffer) => options.onOutput(chunk, "stdout"));
  child.stderr.on("data", (chunk: Buffer) => options.onOutput(chunk, "stderr"));
  options.onStart(child.pid);
  return supervise(child, child.pid, options);
}
