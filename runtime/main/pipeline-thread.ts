import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { findCallSite } from "../contract/call-site.ts";
import type { PipelineSpec } from "../contract/check.ts";
import { isJsonObject } from "../contract/json.ts";
import type { Problem } from "../contract/problem.ts";

/** What to load; the paths are absolute. */
export interface LoadRequest {
  /** The URL of this file. */
  readonly thread: string;
  readonly file: string;
  readonly stackFile?: string;
}

/** What the thread says: the declarations as plain data, or why there are none. */
export type LoadAnswer =
  | { readonly spec: PipelineSpec; readonly sites: Readonly<Record<string, string>>; readonly stack: unknown }
  | { readonly problem: string; readonly broken: readonly Problem[] };

/** A file that is not as it must be. */
class Unusable extends Error {}

const ownFolder = new URL("..", import.meta.url).pathname;

/** The line of the team's own files that an error comes from: the first of its stack that is none of Ion's or a package's. */
function findPlace({ stack = "" }: Error): string | undefined {
  const places = stack.matchAll(/(?:^|[\s(]|file:\/\/)(\/[^\n():]+:\d+)/gm);
  return [...places]
    .map(([, place = ""]) => decodeURI(place))
    .find((place) => !place.startsWith(ownFolder) && !place.includes("/node_modules/"));
}

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const place = findPlace(thrown);
  return place === undefined ? thrown.message : `${thrown.message} (${place})`;
}

/** The broken rules that an error tells; its class may come from the project's own copy of Ion. */
function listBroken(thrown: unknown): Problem[] {
  if (!(thrown instanceof Error) || !("problems" in thrown) || !Array.isArray(thrown.problems)) return [];
  const at = findCallSite(thrown);
  return (thrown.problems as readonly Problem[]).map((problem) => ({
    ...(at !== undefined && { at }),
    ...problem,
  }));
}

function listSites(modules: unknown): Record<string, string> {
  const sites: Record<string, string> = {};
  for (const module of Array.isArray(modules) ? (modules as readonly unknown[]) : []) {
    if (!isJsonObject(module) || typeof module.name !== "string") continue;
    const origin: unknown = module.origin;
    const at = origin instanceof Error ? findCallSite(origin) : undefined;
    if (at !== undefined) sites[module.name] = at;
  }
  return sites;
}

async function importDefault(file: string): Promise<unknown> {
  const loaded: { default?: unknown } = await import(pathToFileURL(file).href);
  return loaded.default;
}

async function importPipeline(file: string): Promise<{ spec: PipelineSpec; sites: Record<string, string> }> {
  const pipeline = await importDefault(file);
  const spec: unknown = isJsonObject(pipeline) ? pipeline.spec : undefined;
  if (!isJsonObject(pipeline) || !isJsonObject(spec)) {
    throw new Unusable(
      `'${file}' has no pipeline as its default export: end it with 'export default pipeline(...)'`,
    );
  }
  return { spec: spec as unknown as PipelineSpec, sites: listSites(pipeline.modules) };
}

async function load({ file, stackFile }: LoadRequest): Promise<LoadAnswer> {
  let loading = file;
  try {
    const declared = await importPipeline(file);
    loading = stackFile ?? file;
    const stack = stackFile === undefined ? undefined : await importDefault(stackFile);
    // Here, so that what is no plain data is told as a fault of its file.
    return { ...declared, stack: structuredClone(stack) };
  } catch (thrown) {
    const said = describe(thrown);
    const problem = thrown instanceof Unusable ? said : `cannot load '${loading}': ${said}`;
    return { problem, broken: listBroken(thrown) };
  }
}

parentPort?.postMessage(await load(workerData as LoadRequest));
