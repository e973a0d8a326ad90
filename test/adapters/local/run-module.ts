import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after } from "node:test";
import {
  type ProcessExecutorOptions,
  processExecutor,
} from "../../../runtime/adapters/local/process-executor.ts";
import { seconds } from "../../../runtime/contract/duration.ts";
import type { ModuleSpec } from "../../../runtime/contract/module.ts";
import type { EndTransition, Transition } from "../../../runtime/ports/executor.ts";
import { attemptOf, moduleWith, watchAll } from "../../ports/executor-suite.ts";

export const folder = mkdtempSync(join(tmpdir(), "ion-process-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Options of an executor with a data folder of its own, removed after the file's tests. */
export const options: ProcessExecutorOptions = {
  folder,
  projectFolder: folder,
  parallel: 2,
  prepare: async (_attempt, workspace) => {
    mkdirSync(workspace, { recursive: true });
  },
  commit: async () => {},
  environment: { PATH: process.env.PATH, HOME: folder, TMPDIR: tmpdir() },
  secrets: () => undefined,
  graceMilliseconds: 50,
};

interface Ran {
  readonly end: EndTransition;
  readonly transitions: readonly Transition[];
  readonly log: string;
}

/** Runs one module to its end. */
export async function run(module: ModuleSpec, changes: Partial<ProcessExecutorOptions> = {}): Promise<Ran> {
  const executor = processExecutor({ ...options, ...changes });
  const watcher = watchAll(executor);
  const attempt = attemptOf(module);
  await executor.submit(attempt);
  const end = await watcher.end(attempt.key);
  const log = await text(await executor.logs(attempt.key));
  await watcher.close();
  await executor.stop(seconds(10));
  return { end, transitions: watcher.of(attempt.key), log };
}

export const shell = (script: string, changes: Partial<ModuleSpec> = {}): ModuleSpec =>
  moduleWith(["sh", "-c", script], changes);

export const nodeProgram = (script: string, changes: Partial<ModuleSpec> = {}): ModuleSpec =>
  moduleWith(["node", "-e", script], changes);

export function failureOf({ end }: Ran) {
  assert.ok(end.state === "failed", `the run ${end.state}`);
  return end.failure;
}
