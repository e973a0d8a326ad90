import { rmSync } from "node:fs";
import type { JsonObject, Module } from "ion";
import type { EmittedData, EmittedType } from "../outputs.ts";
import { type OutputFile, readWritten } from "./written.ts";

/** An event that would be raised. */
export type EmittedEvent<M extends Module> = {
  [Type in EmittedType<M>]: {
    readonly type: Type;
    readonly data: EmittedData<M, Type>;
    readonly files: readonly OutputFile[];
  };
}[EmittedType<M>];

/** How a module's program ended. */
export interface Ended {
  /** 128 + n when signal n ended it. */
  readonly exitCode: number;
  /** All it printed, stdout and stderr as they came. */
  readonly log: string;
  /** The fractions it reported, 0 to 1. */
  readonly progress: readonly number[];
}

/** What a module did with its workspace, and what of it would be committed: nothing unless it succeeded. */
export interface ModuleResult<M extends Module> extends Ended, Disposable {
  /** In the order of their files' names. */
  readonly events: readonly EmittedEvent<M>[];
  readonly insight: JsonObject;
  /** Every file in `out/data`, whether an event carries it or not. */
  readonly files: readonly OutputFile[];
  /** Removes the workspace; leaving the scope of `using` does so too. */
  readonly cleanup: () => void;
}

/** The data has been checked by the schema that gave the type. */
function isEmitted<M extends Module>(module: M, event: { type: string }): event is EmittedEvent<M> {
  return module.spec.emits.includes(event.type);
}

/** @throws Error when what the program wrote would be refused */
export async function readResult<M extends Module>(
  module: M,
  root: string,
  ended: Ended,
): Promise<ModuleResult<M>> {
  const cleanup = () => rmSync(root, { recursive: true, force: true });
  const whole = { ...ended, cleanup, [Symbol.dispose]: cleanup };
  if (ended.exitCode !== 0) return { ...whole, events: [], insight: {}, files: [] };
  const { events, insight, files } = await readWritten(module, root);
  return { ...whole, events: events.filter((event) => isEmitted(module, event)), insight, files };
}
