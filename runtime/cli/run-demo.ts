import { posix } from "node:path";
import type { FileNode, FlowTrace } from "../management/api.ts";
import { managementClient } from "../management/client.ts";
import type { CliContext } from "./context.ts";
import { formatDuration } from "./format.ts";
import type { DemoFlow, LocalHandle } from "./local-platform.ts";
import { eachEvent, hasFailed } from "./outcome.ts";
import { renderTrace } from "./render-trace.ts";
import { showProgress } from "./show-progress.ts";

const reportName = "report.html";

async function collect(flows: AsyncIterable<DemoFlow>, { io }: CliContext): Promise<DemoFlow[]> {
  const collected: DemoFlow[] = [];
  for await (const flow of flows) {
    collected.push(flow);
    io.stdout.write(`flow ${flow.correlationId} · ${flow.label} · ${flow.type}\n`);
  }
  return collected;
}

function listReports(trace: FlowTrace): FileNode[] {
  const files = [...eachEvent(trace.roots)].flatMap((event) => event.files);
  return files.filter(({ path }) => posix.basename(path) === reportName);
}

function printResult(trace: FlowTrace, label: string, handle: LocalHandle, { io }: CliContext): void {
  const lines = renderTrace(trace, { columns: io.columns, colour: io.colour, now: Date.now() });
  const reports = listReports(trace).map(({ blob }) => `report: ${handle.pathOf(blob)}`);
  io.stdout.write(`\n${[label, ...lines, ...reports].join("\n")}\n`);
}

/** From the process's start to the end of the flow that ended first. */
function measureFirst(traces: readonly FlowTrace[], processStartedAt: number): number {
  const ends = traces.map(({ completedAt }) =>
    completedAt === undefined ? Number.NaN : Date.parse(completedAt),
  );
  return Math.min(...ends.filter((end) => !Number.isNaN(end))) - processStartedAt;
}

/**
 * Raises the demo's events, shows how their flows go on, and prints each as a tree.
 *
 * @returns whether every execution succeeded
 */
export async function runDemo(
  handle: LocalHandle,
  token: string | undefined,
  context: CliContext,
): Promise<boolean> {
  const client = managementClient({
    endpoint: handle.gatewayUrl,
    ...(token !== undefined && { token }),
    signal: context.signal,
  });
  const flows = await collect(handle.submitDemo(context.signal), context);
  const traces = await showProgress(flows, client, context);
  for (const [index, trace] of traces.entries()) {
    printResult(trace, flows[index]?.label ?? trace.correlationId, handle, context);
  }
  const first = measureFirst(traces, context.processStartedAt);
  if (Number.isFinite(first))
    context.io.stdout.write(`\nfirst flow done ${formatDuration(first)} after the start\n`);
  return !traces.some(hasFailed);
}
