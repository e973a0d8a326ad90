import type { FlowInput, JsonObject, Module } from "ion";
import type { Config } from "./config.ts";
import type { HandledEvent } from "./event.ts";
import type { Inputs } from "./inputs.ts";
import type { Emit, FileContent } from "./outputs.ts";

/** What a module's program works with: one module handling one event. */
export interface Context<M extends Module> {
  /** The event: tell its types apart by `event.type`, and `event.data` follows. */
  readonly event: HandledEvent<M>;
  /** The files that came with it. */
  readonly inputs: Inputs;
  /**
   * Gives the absolute path to write a file to keep; the folders above it are made.
   *
   * @param path relative, e.g. `"crops/1.png"`
   * @throws PermanentError when the path leaves `out/data`
   */
  readonly output: (path: string) => string;
  /** Writes a file to keep, from memory or from a stream, and returns its absolute path. */
  readonly writeFile: (path: string, content: FileContent) => Promise<string>;
  readonly emit: Emit<M>;
  /** Reports values for queries, passed to no module. A second call adds to the first. */
  readonly insight: (values: JsonObject) => void;
  /**
   * Shows how far the work is.
   *
   * @param fraction 0 to 1
   */
  readonly progress: (fraction: number, message?: string) => void;
  /** Reads settings: `config("NAME", fallback?)`, `config.number(...)`, `config.flag(...)`. */
  readonly config: Config;
  /**
   * Reads the whole tree of a flow that has ended; every `local` path is absolute here.
   *
   * @throws PermanentError unless the event is `ion.flow_completed`
   */
  readonly flow: () => Promise<FlowInput>;
  /** The same on every attempt: the key that makes effects outside Ion happen once. */
  readonly executionId: string;
  /** 1 on the first. */
  readonly attempt: number;
  /** Aborts when the module is told to stop (SIGTERM); ten seconds later it is killed. */
  readonly signal: AbortSignal;
}
