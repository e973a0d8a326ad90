import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export { temporaryFolder } from "../temporary-folder.ts";

export const repository = fileURLToPath(new URL("../..", import.meta.url));
const program = join(repository, "runtime/main/ion.ts");

export interface CommandOptions {
  /** Where the command starts. @default the repository */
  readonly folder?: string;
  /** Besides PATH and HOME. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the real command. */
export function spawnIon(argv: readonly string[], { folder = repository, environment }: CommandOptions = {}) {
  const { PATH = "", HOME = "" } = process.env;
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...argv], {
    cwd: folder,
    env: { PATH, HOME, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs the real command to its end. */
export async function runIon(argv: readonly string[], options?: CommandOptions): Promise<CommandResult> {
  const child = spawnIon(argv, options);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, stdout, stderr };
}
