import type { Json, JsonObject } from "../contract/json.ts";

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
