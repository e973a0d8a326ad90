import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { Worker } from "node:worker_threads";
import type { PipelineSpec } from "../contract/check.ts";
import { IonError } from "../contract/errors.ts";
import { canonicalJson } from "../contract/json.ts";
import type { ModuleSpec } from "../contract/module.ts";
import { DeclarationError } from "../contract/problem.ts";
import type { LoadAnswer, LoadRequest } from "./pipeline-thread.ts";

/** Declarations as they stand in their files. */
export interface LoadedDeclarations {
  readonly pipeline: PipelineSpec;
  /** Module name -> `<file>:<line>:<column>` of its declaration. */
  readonly sites: Readonly<Record<string, string>>;
  /** The default export of the stack's file, when there was one to load. */
  readonly stack: unknown;
}

/** A pipeline and what of each module runs. */
export interface LoadedPipeline {
  readonly pipeline: PipelineSpec;
  /** Module name -> version. */
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * What the thread runs first. A thread has no compile cache until it enables one, and only plain
 * JavaScript can do so without being stripped of its types before.
 */
const bootThread = `
  require("node:module").enableCompileCache();
  import(require("node:worker_threads").workerData.thread);`;

async function loadInThread(request: Omit<LoadRequest, "thread">): Promise<LoadAnswer> {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const thread = new URL(`./pipeline-thread.${extension}`, import.meta.url).href;
  const workerData: LoadRequest = { ...request, thread };
  const worker = new Worker(bootThread, { eval: true, workerData });
  try {
    return await new Promise<LoadAnswer>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", (code) =>
        reject(new IonError("invalid", `loading '${request.file}' ended with code ${code}`)),
      );
    });
  } finally {
    await worker.terminate();
  }
}

const isIgnored = (name: string): boolean =>
  name === "node_modules" || name === "__pycache__" || name.startsWith(".");

function hashFolder(folder: string): string {
  const hash = createHash("sha256");
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !isIgnored(name));
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) hash.update(`${entry.name}/`).update(hashFolder(path));
    else if (entry.isFile()) hash.update(entry.name).update(readFileSync(path));
  }
  return hash.digest("hex");
}

/** The folders that hold the files a command names, inside the project. */
function programFolders({ command }: ModuleSpec, projectFolder: string): string[] {
  const files = command.map((word) => resolve(projectFolder, word));
  const inside = files.filter(
    (file) => file.startsWith(projectFolder + sep) && existsSync(file) && statSync(file).isFile(),
  );
  return inside.map(dirname).filter((folder) => folder !== projectFolder);
}

/** Image digest or content hash: what tells one state of a module from the next. */
export function moduleVersion(module: ModuleSpec, projectFolder: string): string {
  if (module.version !== undefined) return module.version;
  const hash = createHash("sha256").update(canonicalJson(module));
  for (const folder of programFolders(module, projectFolder)) hash.update(hashFolder(folder));
  return hash.digest("hex").slice(0, 12);
}

/**
 * Loads a pipeline file, and a stack's, as they are now. A thread of its own reads them, so that a
 * changed file and all that it imports are read anew.
 *
 * @param file absolute
 * @param stackFile absolute
 * @throws DeclarationError with every broken rule
 * @throws IonError `invalid` naming the file that can't be loaded
 */
export async function loadDeclarations(file: string, stackFile?: string): Promise<LoadedDeclarations> {
  if (!existsSync(file)) {
    throw new IonError(
      "invalid",
      `there is no pipeline file '${file}': name one with --pipeline, or start in the project's folder`,
    );
  }
  const answer = await loadInThread({ file, ...(stackFile !== undefined && { stackFile }) });
  if ("spec" in answer) return { pipeline: answer.spec, sites: answer.sites, stack: answer.stack };
  if (answer.broken.length > 0) throw new DeclarationError(answer.broken, answer.problem);
  throw new IonError("invalid", answer.problem);
}

/**
 * Loads a pipeline file as `loadDeclarations()` does, and says what of each module runs.
 *
 * @param file absolute
 */
export async function loadPipeline(file: string, projectFolder: string): Promise<LoadedPipeline> {
  const { pipeline } = await loadDeclarations(file);
  const versions = Object.fromEntries(
    pipeline.modules.map((module) => [module.name, moduleVersion(module, projectFolder)]),
  );
  return { pipeline, versions };
}
