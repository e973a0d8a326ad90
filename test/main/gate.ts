import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

/** Something that a program waits at, by reading a line from a named pipe. */
export interface Gate {
  /** Waits until a program stands at the gate. */
  arrival(): Promise<void>;
  /** Lets the program go on. */
  open(): Promise<void>;
  /** Whether the program that stood there is gone: nobody is left to read. */
  isLeft(): Promise<boolean>;
}

function isBrokenPipe(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "EPIPE";
}

/** Makes a gate; one of the same name makes way. */
export function makeGate(folder: string, name: string): Gate {
  const path = join(folder, name);
  rmSync(path, { force: true });
  execFileSync("mkfifo", [path]);
  let writer: FileHandle | undefined;
  // A pipe opens once both of its ends are there.
  const arrival = async () => {
    writer ??= await open(path, "w");
  };
  return {
    arrival,
    open: async () => {
      await arrival();
      await writer?.write("go\n");
      await writer?.close();
    },
    isLeft: async () => {
      try {
        await writer?.write("\n");
        return false;
      } catch (thrown) {
        if (isBrokenPipe(thrown)) return true;
        throw thrown;
      } finally {
        await writer?.close();
      }
    },
  };
}
