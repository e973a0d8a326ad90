import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { IonError } from "../../contract/errors.ts";
import { signalGroup } from "./process-group.ts";
import type { SpawnerAnswer, SpawnerRequest } from "./spawner-protocol.ts";
import type { ProgramExit, ProgramStart, StartedProgram, StartProgram } from "./start-program.ts";

/** Starts programs from a small process of its own. */
export interface Spawner {
  readonly start: StartProgram;
  /** Ends the process, and what it has started with it. Safe to repeat. */
  readonly stop: () => void;
}

interface Entry {
  readonly onOutput: ProgramStart["onOutput"];
  readonly started: PromiseWithResolvers<StartedProgram>;
  readonly exited: PromiseWithResolvers<ProgramExit>;
  readonly closed: PromiseWithResolvers<void>;
  group?: number;
}

/** The heap of a process that starts others is copied with each: it is kept small. */
const heapFlags = ["--max-semi-space-size=1", "--single-threaded"];

function forkSpawner(): ChildProcess {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const program = fileURLToPath(new URL(`./spawner-process.${extension}`, import.meta.url));
  const child = fork(program, [], {
    execArgv: heapFlags,
    env: {},
    serialization: "advanced",
    // Ctrl-C is for the runtime, which stops its programs in order.
    detached: true,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  child.unref();
  child.channel?.unref();
  return child;
}

class RefusedStart extends Error {
  readonly code: string | undefined;

  constructor({ code, message }: { readonly code: string | undefined; readonly message: string }) {
    super(message);
    this.code = code;
  }
}

/** One life of the spawner's process, with the programs it has started. */
function startLife(onGone: () => void) {
  const child = forkSpawner();
  const entries = new Map<number, Entry>();
  let nextId = 1;

  const forget = (id: number) => {
    entries.delete(id);
    if (entries.size === 0) child.channel?.unref();
  };
  const ask = (request: SpawnerRequest) => {
    // One that has just gone can't be asked; its exit says so to all that wait.
    if (child.connected) child.send(request, () => {});
  };

  function hear(answer: SpawnerAnswer): void {
    const { id } = answer;
    const entry = entries.get(id);
    if (entry === undefined) return;
    switch (answer.kind) {
      case "started":
        entry.group = answer.group;
        entry.started.resolve({
          group: answer.group,
          exited: entry.exited.promise,
          closed: entry.closed.promise,
          abandonOutput: () => ask({ kind: "abandonOutput", id }),
        });
        break;
      case "refused":
        forget(id);
        entry.started.reject(new RefusedStart(answer.error));
        break;
      case "output":
        void entry.onOutput(
          Buffer.from(answer.chunk.buffer, answer.chunk.byteOffset, answer.chunk.byteLength),
          answer.stream,
        );
        break;
      case "exited":
        entry.exited.resolve({ kind: "exit", code: answer.code });
        break;
      case "killed":
        entry.exited.resolve({ kind: "signal", signal: answer.signal });
        break;
      case "closed":
        forget(id);
        entry.closed.resolve();
        break;
    }
  }

  child.on("message", (answer) => hear(answer as SpawnerAnswer));
  child.once("exit", () => {
    onGone();
    const error = new IonError("unavailable", "the process that starts programs has gone");
    for (const { group, started, exited, closed } of entries.values()) {
      if (group !== undefined) signalGroup(group, "SIGKILL");
      started.reject(error);
      exited.reject(error);
      closed.resolve();
    }
    entries.clear();
  });

  return {
    stop: () => child.disconnect(),
    start: ({ command, folder, environment, onOutput }: ProgramStart): Promise<StartedProgram> => {
      const id = nextId++;
      const entry: Entry = {
        onOutput,
        started: Promise.withResolvers<StartedProgram>(),
        exited: Promise.withResolvers<ProgramExit>(),
        closed: Promise.withResolvers<void>(),
      };
      // Nobody waits for the end of what was never started.
      entry.exited.promise.catch(() => {});
      entries.set(id, entry);
      child.channel?.ref();
      ask({ kind: "start", id, command, folder, environment });
      return entry.started.promise;
    },
  };
}

/**
 * Starts programs from a small process: starting one copies the page tables of who starts it, and
 * those of the runtime, with its database and its server, take four times as long. A process that
 * has gone is replaced with the next start.
 */
export function spawner(): Spawner {
  let life: ReturnType<typeof startLife> | undefined;
  const live = () => {
    life ??= startLife(() => {
      life = undefined;
    });
    return life;
  };
  live();
  return {
    start: (start) => live().start(start),
    stop: () => {
      life?.stop();
      life = undefined;
    },
  };
}
