import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

// The shell holds the read end of a pipe whose write end only we have: when we end, however we do, it kills
// the program. So a test run that is itself killed leaves nothing behind.
const script = `
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
(read -r _ <&3; kill -9 $program) >/dev/null 2>&1 &
warden=$!
exec 3<&-
wait $program
code=$?
kill $warden 2>/dev/null
exit $code
`;

/** A program that ends when this process ends, or before. */
export interface Warded {
  /** Rejects with what the program said last, once it has ended without `stop()`. */
  readonly failed: Promise<never>;
  /** Its name and what it said last. */
  describe(): string;
  /** Ends it at once; resolves when it is gone. Safe to repeat. */
  stop(): Promise<void>;
}

/** Starts a program whose state is thrown away, so that it may be killed at any time. */
export function startWarded(name: string, file: string, argv: readonly string[]): Warded {
  const child: ChildProcess = spawn("/bin/sh", ["-c", script, name, file, ...argv], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  const { stdin, stderr } = child;
  if (stdin === null || stderr === null) throw new Error(`Cannot start ${name} without its pipes.`);
  const said: string[] = [];
  createInterface(stderr).on("line", (line) => {
    said.push(line);
    if (said.length > 40) said.shift();
  });
  const describe = (): string => `${name} said last:\n${said.join("\n")}`;
  let stopping = false;
  const ended = once(child, "close");
  const failed = ended.then(([code]): Promise<never> => {
    if (stopping) return new Promise<never>(() => {});
    throw new Error(`${name} ended with ${code}. ${describe()}`);
  });
  // Who waits for something hears of it; a failure that nobody waits for shows in the next request.
  failed.catch(() => {});
  return {
    failed,
    describe,
    stop: async () => {
      stopping = true;
      stdin.destroy();
      await ended;
    },
  };
}
