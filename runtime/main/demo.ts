import { createReadStream, mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { DemoFlow } from "../cli/local-platform.ts";
import { IonError } from "../contract/errors.ts";
import type { JsonObject } from "../contract/json.ts";
import type { Accepted, Submission } from "../gateway/accept.ts";

/** What a demo file yields: events to submit, as a person would. */
interface DemoSubmission {
  readonly label: string;
  readonly type: string;
  readonly data: JsonObject;
  /** Absolute paths. */
  readonly files: readonly string[];
}

type MakeSubmissions = (folder: string, signal: AbortSignal) => AsyncIterable<DemoSubmission>;

async function importDemo(file: string): Promise<MakeSubmissions> {
  const path = resolve(file);
  let loaded: unknown;
  try {
    loaded = (await import(pathToFileURL(path).href)).default;
  } catch (cause) {
    throw new IonError("invalid", `cannot load the demo '${file}': ${IonError.from(cause).message}`, {
      cause,
    });
  }
  if (typeof loaded === "function") return loaded as MakeSubmissions;
  throw new IonError(
    "invalid",
    `the demo '${file}' has no default export that makes submissions: export default async function*`,
  );
}

async function* readParts({
  data,
  files,
}: DemoSubmission): AsyncGenerator<Submission["parts"] extends AsyncIterable<infer Part> ? Part : never> {
  yield { kind: "data", data };
  for (const file of files) yield { kind: "file", path: basename(file), stream: createReadStream(file) };
}

/** Raises the events of a demo file through the gateway's own door. */
export async function* submitDemo(
  file: string,
  dataFolder: string,
  accept: (submission: Submission) => Promise<Accepted>,
  signal: AbortSignal,
): AsyncGenerator<DemoFlow, void, undefined> {
  const makeSubmissions = await importDemo(file);
  const folder = join(dataFolder, "demo");
  mkdirSync(folder, { recursive: true });
  for await (const submission of makeSubmissions(folder, signal)) {
    const { type, label } = submission;
    yield { type, label, ...(await accept({ type, parts: readParts(submission) })) };
  }
}
