import { stat } from "node:fs/promises";
import { isJsonObject, type Json } from "../contract/json.ts";
import { formatBytes } from "../contract/size.ts";
import { describeFileError, parseEventType } from "./arguments.ts";
import type { CliContext } from "./context.ts";
import { badInput, ReportedFailure } from "./failures.ts";
import { countOf, formatObject } from "./format.ts";
import type { ModuleTestOutput, ModuleTestRequest, ModuleTestResult } from "./module-tester.ts";
import { printJson, printLines } from "./print.ts";
import { readData, readJsonFile } from "./read-data.ts";
import { toPrintable } from "./text.ts";

export interface ModuleTestFlags {
  readonly event: string;
  readonly data?: string;
  readonly file?: readonly string[];
  readonly pipeline: string;
  readonly json?: boolean;
  readonly keep?: boolean;
}

async function readEvent(
  { event, data }: ModuleTestFlags,
  { io, signal }: CliContext,
): Promise<ModuleTestRequest["event"]> {
  if (!event.endsWith(".json")) {
    return {
      type: parseEventType(event),
      data: data === undefined ? {} : await readData(data, io.stdin, signal),
    };
  }
  if (data === undefined) return { document: await readJsonFile(event) };
  throw badInput(
    "use --data",
    `'${event}' holds the event's data already`,
    "drop --data or give an event type",
  );
}

async function checkFile(path: string): Promise<void> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw badInput(`use the file '${path}'`, describeFileError(cause));
  });
  if (!stats.isFile()) throw badInput(`use the file '${path}'`, "it is no regular file");
}

function renderOutput({ files, children, insight }: ModuleTestOutput): string[] {
  const insights = insight === undefined ? [] : [`insight  ${describeInsight(insight)}`];
  return [
    `would commit ${countOf(files.length, "file")} and ${countOf(children.length, "event")}`,
    ...files.map(({ path, bytes }) => `file     ${toPrintable(path)}  ${formatBytes(bytes)}`),
    ...children.map(({ type, data, files: names }) =>
      ["event   ", toPrintable(type), formatObject(data), ...names.map(toPrintable)]
        .filter((text) => text !== "")
        .join(" "),
    ),
    ...insights,
  ];
}

function describeInsight(insight: Json): string {
  return isJsonObject(insight) ? formatObject(insight) : toPrintable(JSON.stringify(insight));
}

function render({ exitCode, output, problem, folder }: ModuleTestResult): string[] {
  return [
    `exit code ${exitCode}`,
    ...(output === undefined ? [] : renderOutput(output)),
    ...(problem === undefined ? [] : [`would commit nothing: ${toPrintable(problem)}`]),
    ...(folder === undefined ? [] : [`workspace ${folder}`]),
  ];
}

/**
 * Runs a module's program on one event; what it prints goes to the standard error.
 *
 * @throws ReportedFailure when nothing would be committed
 */
export async function runModuleTest(
  name: string,
  flags: ModuleTestFlags,
  context: CliContext,
): Promise<void> {
  const { io, signal, testModule } = context;
  const files = flags.file ?? [];
  const event = await readEvent(flags, context);
  await Promise.all(files.map(checkFile));
  const result = await testModule({
    module: name,
    pipelineFile: flags.pipeline,
    event,
    files,
    keep: flags.keep === true,
    onLog: (chunk) => void (flags.json !== true && io.stderr.write(chunk)),
    signal,
  });
  if (flags.json === true) printJson(context, result);
  else printLines(context, render(result));
  if (result.output === undefined) throw new ReportedFailure();
}
