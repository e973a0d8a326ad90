import { IonError } from "../contract/errors.ts";
import type { FlowTrace } from "../management/api.ts";
import type { ManagementClient } from "../management/client.ts";
import type { CliContext } from "./context.ts";
import { describeChanges } from "./describe-changes.ts";
import { countOf } from "./format.ts";
import { makeLiveRegion } from "./live-region.ts";
import type { DemoFlow } from "./local-platform.ts";
import { eachExecution, hasFailed } from "./outcome.ts";
import { describeExecution } from "./render-details.ts";
import { makePaint, type Paint, toPrintable } from "./text.ts";

type OnTrace = (trace: FlowTrace, before: FlowTrace | undefined) => void;

/** Follows a flow to its end. @throws IonError `unavailable` when nothing was told of it */
async function followToEnd({ correlationId }: DemoFlow, client: ManagementClient, onTrace: OnTrace) {
  let last: FlowTrace | undefined;
  for await (const trace of client.followFlow(correlationId)) {
    onTrace(trace, last);
    last = trace;
  }
  if (last !== undefined) return last;
  throw new IonError("unavailable", `cannot follow the flow '${correlationId}': nothing was told of it`);
}

/** How far a flow is and what it is busy with, on one line. */
function describeNow({ counts, roots }: FlowTrace, now: number): string {
  const done = counts.succeeded + counts.failed;
  const count = `${done} of ${countOf(done + counts.running + counts.trailing, "execution")}`;
  const busy = eachExecution(roots).find(({ execution }) => execution.state === "running");
  if (busy === undefined) return count;
  const details = describeExecution(busy.execution, now).map(({ text }) => text);
  return [count, toPrintable(busy.execution.module), ...details].join(" · ");
}

async function showLines(
  flows: readonly DemoFlow[],
  client: ManagementClient,
  context: CliContext,
): Promise<FlowTrace[]> {
  return await Promise.all(
    flows.map((flow) =>
      followToEnd(flow, client, (trace, before) => {
        for (const line of describeChanges(before, trace, Date.now())) {
          context.io.stdout.write(`${flow.label}  ${line}\n`);
        }
      }),
    ),
  );
}

function renderFlow({ label }: DemoFlow, trace: FlowTrace | undefined, paint: Paint): string {
  if (trace === undefined) return `${paint("quiet", "·")} ${label}`;
  const ended = trace.state === "completed" && trace.counts.trailing === 0;
  if (!ended) return `${paint("busy", "…")} ${label}  ${describeNow(trace, Date.now())}`;
  return hasFailed(trace) ? `${paint("bad", "✖")} ${label}` : `${paint("good", "✔")} ${label}`;
}

async function showLive(
  flows: readonly DemoFlow[],
  client: ManagementClient,
  context: CliContext,
): Promise<FlowTrace[]> {
  const { io } = context;
  const region = makeLiveRegion(io);
  const paint = makePaint(io.colour);
  const seen = new Map<DemoFlow, FlowTrace>();
  const draw = () => region.draw(flows.map((flow) => renderFlow(flow, seen.get(flow), paint)));
  draw();
  return await Promise.all(
    flows.map((flow) =>
      followToEnd(flow, client, (trace) => {
        seen.set(flow, trace);
        draw();
      }),
    ),
  );
}

/**
 * Shows how flows go on until all have ended: drawn in place on a terminal, as lines elsewhere.
 *
 * @returns the flows as they ended, in the order given
 */
export async function showProgress(
  flows: readonly DemoFlow[],
  client: ManagementClient,
  context: CliContext,
): Promise<FlowTrace[]> {
  return context.io.isTty ? await showLive(flows, client, context) : await showLines(flows, client, context);
}
