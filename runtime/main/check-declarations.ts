import { existsSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Stack } from "../charts/props.ts";
import type { Checked, DeclarationsRequest } from "../cli/declarations.ts";
import type { PipelineSpec } from "../contract/check.ts";
import { checkDeclarations } from "../contract/check-declarations.ts";
import { IonError } from "../contract/errors.ts";
import { isJsonObject } from "../contract/json.ts";
import { DeclarationError, type Problem } from "../contract/problem.ts";
import { type LoadedDeclarations, loadDeclarations } from "./load-pipeline.ts";

/** Declarations that keep every rule, or the rules they break. */
export type Examined = Checked & {
  readonly stack?: Stack;
  /** Says for each problem where it is to be mended: the module's declaration, else the file as a whole. */
  readonly locate: (problems: readonly Problem[]) => Problem[];
};

/** @throws IonError `invalid` when there is no such file, naming those that are there */
function findStackFile(pipelineFile: string, stack: string): string {
  const folder = join(dirname(pipelineFile), "stacks");
  const file = join(folder, `${stack}.ts`);
  if (/^[a-z0-9-]+$/.test(stack) && existsSync(file)) return file;
  const there = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".ts")) : [];
  const names = there.length === 0 ? "none" : there.map((name) => name.slice(0, -3)).join(", ");
  throw new IonError("invalid", `there is no stack '${stack}' in '${folder}': the stacks are ${names}`);
}

/** @throws IonError `invalid` when the file's default export is no stack */
function readStack(loaded: unknown, name: string, file: string): Stack {
  if (isJsonObject(loaded) && isJsonObject(loaded.azure) && loaded.name === name) {
    return loaded as unknown as Stack;
  }
  throw new IonError(
    "invalid",
    `'${file}' has no stack named '${name}' as its default export: end it with 'export default { name: "${name}", ... } satisfies Stack'`,
  );
}

const locateIn =
  (sites: LoadedDeclarations["sites"], file: string): Examined["locate"] =>
  (problems) =>
    problems.map((problem) => ({ ...problem, at: problem.at ?? sites[problem.module ?? ""] ?? file }));

const keyOf = ({ module = "", field, value }: Problem): string => `${module} ${field} ${value}`;

/** Checks a pipeline on a stack; what the stack brings in is to be mended in the stack's file. */
async function checkOnStack(pipeline: PipelineSpec, stack: Stack, stackFile: string): Promise<Problem[]> {
  const { applyStack, checkStack } = await import("../charts/stack.ts");
  const broken = checkStack(pipeline, stack).map((problem) =>
    problem.module === undefined ? { ...problem, at: stackFile } : problem,
  );
  const declared = checkDeclarations(pipeline, stack);
  // What breaks the stack's rules can't be put on the pipeline; the pipeline is checked all the same.
  const all = broken.length === 0 ? checkDeclarations(applyStack(pipeline, stack), stack) : declared;
  const asDeclared = new Set(declared.map(keyOf));
  const further = all
    .filter(({ module, field }) => !broken.some((known) => known.module === module && known.field === field))
    .map((problem) => (asDeclared.has(keyOf(problem)) ? problem : { ...problem, at: stackFile }));
  return [...broken, ...further];
}

/**
 * Loads declarations and checks them, on a stack where one is named.
 *
 * @throws IonError `invalid` when a file can't be loaded
 */
export async function examine(request: DeclarationsRequest): Promise<Examined> {
  const pipelineFile = resolve(request.pipelineFile);
  const stackFile = request.stack === undefined ? undefined : findStackFile(pipelineFile, request.stack);
  try {
    const { pipeline, sites, stack: loaded } = await loadDeclarations(pipelineFile, stackFile);
    const locate = locateIn(sites, pipelineFile);
    if (stackFile === undefined) {
      return { pipeline, locate, problems: locate(checkDeclarations(pipeline)) };
    }
    const stack = readStack(loaded, request.stack ?? "", stackFile);
    return { pipeline, stack, locate, problems: locate(await checkOnStack(pipeline, stack, stackFile)) };
  } catch (thrown) {
    if (!(thrown instanceof DeclarationError)) throw thrown;
    const locate = locateIn({}, pipelineFile);
    return { locate, problems: locate(thrown.problems) };
  }
}
