import { createHash, randomUUID } from "node:crypto";
import { createReadStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { moduleEnvironment } from "../adapters/local/module-environment.ts";
import { type ProgramEnd, runProgram } from "../adapters/local/program.ts";
import { findFailure } from "../adapters/local/program-failure.ts";
import { memoryBlobs } from "../adapters/memory/blobs.ts";
import { memoryDocuments } from "../adapters/memory/documents.ts";
import type { ModuleTestOutput, ModuleTestRequest, ModuleTestResult } from "../cli/module-tester.ts";
import type { PipelineSpec } from "../contract/check.ts";
import { documentId } from "../contract/documents.ts";
import { IonError } from "../contract/errors.ts";
import { type FileReference, firstEvent } from "../contract/event.ts";
import { attemptKey, derivedIds } from "../contract/ids.ts";
import { isJsonObject, type JsonObject } from "../contract/json.ts";
import type { ModuleSpec } from "../contract/module.ts";
import { inspectOutput, type Output } from "../job/inspect.ts";
import { prepareWorkspace } from "../job/prepare.ts";
import { findDataProblem } from "../job/schemas.ts";
import type { Attempt } from "../ports/executor.ts";
import { loadPipeline } from "./load-pipeline.ts";
import type { LocalEnvironment } from "./local.ts";

const graceMilliseconds = 10_000;
/** What is kept of the output for the answer; all of it goes to `onLog`. */
const maxLogLength = 1024 * 1024;

function getModule({ name, modules }: PipelineSpec, wanted: string): ModuleSpec {
  const found = modules.find((module) => module.name === wanted);
  if (found !== undefined) return found;
  const known = modules.map((module) => module.name).join(", ");
  throw new IonError("not-found", `pipeline '${name}' has no module '${wanted}': its modules are ${known}`);
}

function readEvent({ event }: ModuleTestRequest): { type: string; data: JsonObject } {
  if (!("document" in event)) return event;
  const { type, data } = event.document;
  if (typeof type === "string" && isJsonObject(data)) return { type, data };
  throw new IonError(
    "invalid",
    "the event file must hold an object with 'type' (text) and 'data' (object), as in/event.json does",
  );
}

function requireHandled(pipeline: PipelineSpec, module: ModuleSpec, type: string, data: JsonObject): void {
  const handled = module.on.map((subscription) => subscription.type);
  if (!handled.includes(type)) {
    throw new IonError(
      "invalid",
      `module '${module.name}' doesn't handle '${type}': it handles ${handled.join(", ")}`,
    );
  }
  const schema = pipeline.events[type]?.schema;
  const problem = schema === undefined ? undefined : findDataProblem(schema, data, { coerce: false });
  if (problem !== undefined)
    throw new IonError("invalid", `the data doesn't fit event type '${type}': ${problem}`);
}

function makeAttempt(
  module: ModuleSpec,
  version: string,
  type: string,
  data: JsonObject,
  files: number,
): Attempt {
  const event = firstEvent({ id: randomUUID(), type, time: new Date().toISOString(), data, files });
  const executionId = derivedIds.execution(module.name, event.id);
  const first = { attempt: 1, interruptions: 0, forgiven: 0, executionStartedAt: Date.now() };
  return { key: attemptKey(executionId, 1), executionId, event, module, version, ...first };
}

/** The ports that `prepare` reads from, holding one event and its files. */
async function holdEvent({ event, executionId }: Attempt, paths: readonly string[]) {
  const documents = memoryDocuments();
  const blobs = memoryBlobs();
  const files: FileReference[] = [];
  for (const file of paths) {
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
      throw new IonError("invalid", `there is no file '${file}'`);
    }
    const path = basename(file);
    const { bytes, sha256, path: blob } = await blobs.put(`${executionId}/${path}`, createReadStream(file));
    files.push({ path, blob, bytes, sha256 });
  }
  const id = documentId.event(event.id);
  await documents.create({ kind: "event", id, flow: event.correlationid, event, files });
  return { documents, blobs };
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest("hex");
}

async function describeOutput({ files, children, insight }: Output): Promise<ModuleTestOutput> {
  return {
    files: await Promise.all(
      files.map(async ({ path, file, bytes }) => ({ path, bytes, sha256: await hashFile(file) })),
    ),
    children: children.map((child) => ({ type: child.type, data: child.data, files: child.files })),
    ...(insight !== undefined && { insight }),
  };
}

function exitCodeOf(end: ProgramEnd): number {
  switch (end.kind) {
    case "exit":
      return end.code;
    case "signal":
      return 128 + (constants.signals[end.signal as NodeJS.Signals] ?? 0);
    case "timeout":
      return 124;
    case "not-started":
      return 127;
  }
}

/** Runs one module's program on one event, without a platform: prepare, program, check of the output. */
export async function testModule(
  request: ModuleTestRequest,
  environment: LocalEnvironment,
): Promise<ModuleTestResult> {
  const projectFolder = process.cwd();
  const { pipeline, versions } = await loadPipeline(resolve(request.pipelineFile), projectFolder);
  const module = getModule(pipeline, request.module);
  const { type, data } = readEvent(request);
  requireHandled(pipeline, module, type, data);
  const attempt = makeAttempt(module, versions[module.name] ?? "", type, data, request.files.length);
  const ports = await holdEvent(attempt, request.files);
  const folder = mkdtempSync(join(tmpdir(), "ion-test-"));
  const workspace = join(folder, "workspace");
  let log = "";
  try {
    await prepareWorkspace(attempt, workspace, ports, request.signal);
    const { executor } = module;
    const startFolder = resolve(
      projectFolder,
      executor.kind === "process" ? (executor.workingDirectory ?? ".") : ".",
    );
    const end = await runProgram({
      command: module.command,
      folder: startFolder,
      environment: moduleEnvironment(attempt, workspace, environment.modules, environment.secrets),
      timeoutMilliseconds: module.timeoutMilliseconds,
      graceMilliseconds,
      signal: request.signal,
      onStart: () => {},
      onOutput: (chunk) => {
        request.onLog(chunk);
        log = (log + chunk.toString()).slice(-maxLogLength);
      },
    });
    const result = { exitCode: exitCodeOf(end), log, ...(request.keep && { folder: workspace }) };
    const failure = findFailure(module, startFolder, end, log);
    if (failure !== undefined) return { ...result, problem: failure.message };
    try {
      const output = inspectOutput(workspace, { module, events: pipeline.events });
      return { ...result, output: await describeOutput(output) };
    } catch (thrown) {
      return { ...result, problem: IonError.from(thrown).message };
    }
  } finally {
    if (!request.keep) rmSync(folder, { recursive: true, force: true });
  }
}
