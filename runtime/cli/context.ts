import type { Readable, Writable } from "node:stream";
import type { Declarations } from "./declarations.ts";
import type { StartLocal } from "./local-platform.ts";
import type { TestModule } from "./module-tester.ts";

/** Where a command reads and writes. */
export interface CliIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Whether `stdout` is a terminal: only then is anything drawn twice. */
  readonly isTty: boolean;
  /** Whether a person can answer a question: `stdin` and `stderr` are terminals. */
  readonly canAsk: boolean;
  /** Whether `stdout` shows colours. */
  readonly colour: boolean;
  /** Cells of a line, read before each drawing; `Infinity` where `stdout` is no terminal. */
  readonly columns: number;
  /** Lines of the terminal, read before each drawing; `Infinity` where `stdout` is none. */
  readonly rows: number;
}

/** All that the command line gets from the process it runs in. */
export interface CliContext {
  readonly io: CliIo;
  /** The address that commands talk to unless `--endpoint` says otherwise, e.g. `http://127.0.0.1:9001`. */
  readonly endpoint: string;
  /** The bearer token unless `--token-file` says otherwise. @default none */
  readonly token?: string;
  readonly version: string;
  /** When the process started, in milliseconds since 1970. */
  readonly processStartedAt: number;
  /** Boots the platform on this machine. */
  readonly startLocal: StartLocal;
  /** Runs a module's program on one event, without a platform. */
  readonly testModule: TestModule;
  /** Checks declarations and makes manifests of them. */
  readonly declarations: Declarations;
  /** Aborts on the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Aborts on the second: nothing is waited for any more. */
  readonly forceSignal: AbortSignal;
}

/** The options that every command has. */
export interface GlobalOptions {
  readonly endpoint?: string;
  readonly tokenFile?: string;
}
