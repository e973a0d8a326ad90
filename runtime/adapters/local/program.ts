import { maxTimerMilliseconds } from "../../contract/clock.ts";
import { IonError } from "../../contract/errors.ts";
import { endGroup, signalGroup } from "./process-group.ts";
import {
  type ProgramExit,
  type ProgramStart,
  type StartedProgram,
  type StartProgram,
  startHere,
} from "./start-program.ts";

/** How long output may still come after the program's end, from a process that has left its group. */
const lateOutputMilliseconds = 1_000;

export interface ProgramOptions extends ProgramStart {
  readonly timeoutMilliseconds: number;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMilliseconds: number;
  /** Ends the program when it aborts. */
  readonly signal: AbortSignal;
  /** Called with the id of the program's process group, once it runs. */
  readonly onStart: (group: number) => void;
  /** @default as a child of this process */
  readonly start?: StartProgram;
}

export type ProgramEnd =
  | ProgramExit
  | { readonly kind: "timeout" }
  | { readonly kind: "not-started"; readonly cause: unknown };

/** SIGTERM for the group, and SIGKILL when the grace is over; the returned function calls the latter off. */
function stopGroup(group: number, graceMilliseconds: number): () => void {
  signalGroup(group, "SIGTERM");
  const timer = setTimeout(() => signalGroup(group, "SIGKILL"), graceMilliseconds);
  return () => clearTimeout(timer);
}

/** Waits until all output has come, from a program that has ended. */
async function waitForOutput({ closed, abandonOutput }: StartedProgram): Promise<void> {
  const timer = setTimeout(abandonOutput, lateOutputMilliseconds);
  await closed;
  clearTimeout(timer);
}

async function supervise(program: StartedProgram, options: ProgramOptions): Promise<ProgramEnd> {
  const { signal, timeoutMilliseconds, graceMilliseconds } = options;
  const { group } = program;
  let timedOut = false;
  let callOff = () => {};
  const stop = () => {
    callOff();
    callOff = stopGroup(group, graceMilliseconds);
  };
  const timeOut = () => {
    timedOut = true;
    stop();
  };
  const timer = setTimeout(timeOut, Math.min(timeoutMilliseconds, maxTimerMilliseconds));
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const exit = await program.exited;
    callOff();
    await endGroup(group);
    await waitForOutput(program);
    return timedOut ? { kind: "timeout" } : exit;
  } finally {
    clearTimeout(timer);
    callOff();
    signal.removeEventListener("abort", stop);
  }
}

/**
 * Runs a program in a process group of its own.
 *
 * @returns how it ended, once nothing of its group is left and all its output was handed over
 * @throws IonError `unavailable` when who started it has gone, and nobody can say how it ended
 */
export async function runProgram(options: ProgramOptions): Promise<ProgramEnd> {
  const { start = startHere, onStart } = options;
  let program: StartedProgram;
  try {
    program = await start(options);
  } catch (cause) {
    if (cause instanceof IonError) throw cause;
    return { kind: "not-started", cause };
  }
  onStart(program.group);
  return supervise(program, options);
}
