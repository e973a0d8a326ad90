import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** What is started, and where its output goes. */
export interface ProgramStart {
  readonly command: readonly [string, ...string[]];
  readonly folder: string;
  /** All of its environment: nothing is added. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where it returns a promise, nothing more is read of the stream until that resolves. */
  readonly onOutput: (chunk: Buffer, stream: "stdout" | "stderr") => void | Promise<void>;
}

/** How a program itself has ended; what else is left of its group is another matter. */
export type ProgramExit =
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: string };

/** A program that was started in a process group of its own. */
export interface StartedProgram {
  /** Id of the process group, which is its leader's. */
  readonly group: number;
  readonly exited: Promise<ProgramExit>;
  /** Resolves once all output was handed over. */
  readonly closed: Promise<void>;
  /** Takes no more output: who holds it open has left the group. */
  readonly abandonOutput: () => void;
}

/** Starts a program. It rejects with the system's error when there is none to start. */
export type StartProgram = (start: ProgramStart) => Promise<StartedProgram>;

function toExit(code: number | null, signal: string | null): ProgramExit {
  return code === null ? { kind: "signal", signal: signal ?? "a signal" } : { kind: "exit", code };
}

function readOutput(
  child: ChildProcessByStdio<null, Readable, Readable>,
  onOutput: ProgramStart["onOutput"],
): void {
  for (const name of ["stdout", "stderr"] as const) {
    const stream = child[name];
    stream.on("data", (chunk: Buffer) => {
      const taken = onOutput(chunk, name);
      if (taken === undefined) return;
      stream.pause();
      void taken.then(() => stream.resume());
    });
  }
}

/** Waits for the error of a program that has no process, as `spawn` tells it later. */
function whenRefused(child: ChildProcessByStdio<null, Readable, Readable>): Promise<never> {
  return new Promise((_resolve, reject) => {
    child.once("error", reject);
  });
}

/** Starts a program as a child of this process. */
export const startHere: StartProgram = async ({
  command: [name, ...values],
  folder,
  environment,
  onOutput,
}) => {
  // The runtime's own Node: a laptop may have no other, or an older one, on its PATH.
  const file = name === "node" ? process.execPath : name;
  const child = spawn(file, values, {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (child.pid === undefined) return whenRefused(child);
  readOutput(child, onOutput);
  return {
    group: child.pid,
    exited: new Promise((resolve) => child.once("exit", (code, signal) => resolve(toExit(code, signal)))),
    closed: new Promise((resolve) => child.once("close", () => resolve())),
    abandonOutput: () => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
};
