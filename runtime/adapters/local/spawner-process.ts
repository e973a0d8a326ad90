import { findSystemErrorCode } from "../../contract/file-error.ts";
import { signalGroup } from "./process-group.ts";
import type { SpawnerAnswer, SpawnerRequest } from "./spawner-protocol.ts";
import { type ProgramStart, type StartedProgram, startHere } from "./start-program.ts";

/*
 * The process that starts modules' programs. It is small, because starting one copies the page
 * tables of who starts it. Without its parent it ends what it has started.
 */

const programs = new Map<number, StartedProgram>();

/** Resolves once the answer is on its way; without a parent nobody wants to know. */
function tell(answer: SpawnerAnswer): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(answer, () => resolve());
    else resolve();
  });
}

function describe(thrown: unknown): { code: string | undefined; message: string } {
  return {
    code: findSystemErrorCode(thrown),
    message: thrown instanceof Error ? thrown.message : String(thrown),
  };
}

async function follow(id: number, program: StartedProgram): Promise<void> {
  programs.set(id, program);
  void tell({ id, kind: "started", group: program.group });
  const exit = await program.exited;
  void tell(
    exit.kind === "exit"
      ? { id, kind: "exited", code: exit.code }
      : { id, kind: "killed", signal: exit.signal },
  );
  await program.closed;
  programs.delete(id);
  void tell({ id, kind: "closed" });
}

async function start({ id, ...request }: Extract<SpawnerRequest, { kind: "start" }>): Promise<void> {
  const onOutput: ProgramStart["onOutput"] = (chunk, stream) => tell({ id, kind: "output", chunk, stream });
  let program: StartedProgram;
  try {
    program = await startHere({ ...request, onOutput });
  } catch (thrown) {
    void tell({ id, kind: "refused", error: describe(thrown) });
    return;
  }
  await follow(id, program);
}

process.on("message", (request: SpawnerRequest) => {
  if (request.kind === "start") void start(request);
  else programs.get(request.id)?.abandonOutput();
});
process.on("disconnect", () => {
  for (const { group } of programs.values()) signalGroup(group, "SIGKILL");
  process.exit();
});
