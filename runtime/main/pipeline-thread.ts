import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import type { PipelineSpec } from "../contract/check.ts";
import { isJsonObject } from "../contract/json.ts";

/** What the thread says: the pipeline as plain data, or why there is none. */
export type LoadAnswer = { readonly spec: PipelineSpec } | { readonly problem: string };

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

async function load(file: string): Promise<LoadAnswer> {
  try {
    const loaded: unknown = (await import(pathToFileURL(file).href)).default;
    const spec: unknown = isJsonObject(loaded) ? loaded.spec : undefined;
    if (isJsonObject(spec)) return { spec: spec as unknown as PipelineSpec };
    return {
      problem: `'${file}' has no pipeline as its default export: end it with 'export default pipeline(...)'`,
    };
  } catch (thrown) {
    return { problem: `cannot load '${file}': ${describe(thrown)}` };
  }
}

const { file } = workerData as { file: string };
parentPort?.postMessage(await load(file));
