import type { Command } from "commander";
import type { Json, JsonObject } from "../contract/json.ts";
import { parseModuleName } from "./arguments.ts";
import type { CliContext } from "./context.ts";

/** One event for a module's program. */
export interface ModuleTestRequest {
  readonly module: string;
  /** The file whose default export is the pipeline. */
  readonly pipelineFile: string;
  /** A type to make an event of, or a whole event as `in/event.json` holds it. */
  readonly event: { readonly type: string; readonly data: JsonObject } | { readonly document: JsonObject };
  /** Files on disk that go with the event; each is found by its last name. */
  readonly files: readonly string[];
  /** Keeps the workspace after the run. */
  readonly keep: boolean;
  /** Takes what the program prints, while it runs. */
  readonly onLog: (chunk: Uint8Array) => void;
  readonly signal: AbortSignal;
}

/** What would be committed. */
export interface ModuleTestOutput {
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
  readonly children: readonly {
    readonly type: string;
    readonly data: JsonObject;
    readonly files: readonly string[];
  }[];
  readonly insight?: Json;
}

export interface ModuleTestResult {
  /** 128 + signal when a signal ended the program. */
  readonly exitCode: number;
  /** What the program printed, both streams. */
  readonly log: string;
  /** Absent when the program or its output failed. */
  readonly output?: ModuleTestOutput;
  /** Why nothing would be committed. */
  readonly problem?: string;
  /** The workspace, when it was kept. */
  readonly folder?: string;
}

/** @throws IonError `invalid` or `not-found` when the pipeline, the module, the event or a file is not as it must be */
export type TestModule = (request: ModuleTestRequest) => Promise<ModuleTestResult>;

export interface ModuleTestFlags {
  readonly event: string;
  readonly data?: string;
  readonly file?: readonly string[];
  readonly pipeline: string;
  readonly json?: boolean;
  readonly keep?: boolean;
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** `ion module test`: a module's program without a platform. */
export function addModuleTest(program: Command, context: CliContext): void {
  program
    .command("module")
    .description("try out modules")
    .command("test")
    .description("run a module's program on one event, without a platform, and show what it would commit")
    .argument("<name>", "the module", parseModuleName)
    .requiredOption(
      "--event <type|file.json>",
      "an event type that the module handles, or a file that holds a whole event",
    )
    .option("--data <json|@file|->", "the data of an event given by its type")
    .option("--file <path>", "a file that goes with the event; may be repeated", collect)
    .option("--pipeline <file>", "the file whose default export is the pipeline", "modules/index.ts")
    .option("--keep", "keep the workspace, and print where it is")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `\nExample:\n  $ ion module test transcoder --event file_downloaded --data '{"kind":"video","bytes":3}' --file film.mov`,
    )
    .action(async (name: string, flags: ModuleTestFlags) => {
      const { runModuleTest } = await import("./run-module-test.ts");
      await runModuleTest(name, flags, context);
    });
}
