import type { FlowTrace } from "../management/api.ts";
import type { ManagementClient } from "../management/client.ts";
import type { CliContext } from "./context.ts";
import { describeChanges } from "./describe-changes.ts";
import { ReportedFailure } from "./failures.ts";
import { makeLiveRegion } from "./live-region.ts";
import { hasFailed } from "./outcome.ts";
import { printJsonLine, printLines } from "./print.ts";
import { renderTrace, type TraceOptions } from "./render-trace.ts";

export interface FollowOptions {
  /** Prints a line of JSON for each change. */
  readonly json: boolean;
  readonly all?: boolean;
  readonly ids?: boolean;
}

/** Shows a flow each time it changes. */
interface View {
  show(trace: FlowTrace, before: FlowTrace | undefined): void;
  /** Shows how the flow has ended. */
  end(trace: FlowTrace): void;
}

function makeView({ json, all = false, ids = false }: FollowOptions, context: CliContext): View {
  const { io } = context;
  const options = (): TraceOptions => ({ columns: io.columns, colour: io.colour, now: Date.now(), all, ids });
  const printTree = (trace: FlowTrace) => printLines(context, renderTrace(trace, options()));
  if (json) return { show: (trace) => printJsonLine(context, trace), end: () => undefined };
  if (!io.isTty) {
    return {
      show: (trace, before) => printLines(context, describeChanges(before, trace, Date.now())),
      end: printTree,
    };
  }
  const region = makeLiveRegion(io);
  return {
    show: (trace) => region.draw(renderTrace(trace, options())),
    end(trace) {
      region.clear();
      printTree(trace);
    },
  };
}

/**
 * Shows a flow until it has ended.
 *
 * @throws ReportedFailure when something in the flow failed
 */
export async function followTrace(
  client: ManagementClient,
  correlationId: string,
  options: FollowOptions,
  context: CliContext,
): Promise<void> {
  const view = makeView(options, context);
  let last: FlowTrace | undefined;
  for await (const trace of client.followFlow(correlationId)) {
    view.show(trace, last);
    last = trace;
  }
  if (last === undefined) return;
  view.end(last);
  if (hasFailed(last)) throw new ReportedFailure();
}
