import type { EventNode, ExecutionNode, FlowTrace } from "../management/api.ts";

/** How all that an event caused has gone so far. */
export type Outcome = "ok" | "failed" | "running";

function joinOutcomes(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes("failed")) return "failed";
  return outcomes.includes("running") ? "running" : "ok";
}

/** Judges the nodes of one trace; each is judged once. */
export interface Judge {
  event(node: EventNode): Outcome;
  execution(node: ExecutionNode): Outcome;
}

export function makeJudge(): Judge {
  const known = new WeakMap<EventNode, Outcome>();
  const judge: Judge = {
    event(node) {
      const outcome =
        known.get(node) ?? joinOutcomes(node.executions.map((execution) => judge.execution(execution)));
      known.set(node, outcome);
      return outcome;
    },
    execution(node) {
      if (node.state === "dead") return "failed";
      const own: Outcome = node.state === "succeeded" ? "ok" : "running";
      return joinOutcomes([own, ...node.children.map((child) => judge.event(child))]);
    },
  };
  return judge;
}

/** An execution with the event it handles. */
export interface HandledEvent {
  readonly event: EventNode;
  readonly execution: ExecutionNode;
}

/** Walks every execution of a flow, parents first. */
export function* eachExecution(events: readonly EventNode[]): Generator<HandledEvent> {
  for (const event of events) {
    for (const execution of event.executions) {
      yield { event, execution };
      yield* eachExecution(execution.children);
    }
  }
}

/** The executions of a flow that are dead letters. */
export function listDead(trace: FlowTrace): HandledEvent[] {
  return [...eachExecution(trace.roots)].filter(({ execution }) => execution.state === "dead");
}

/** Walks every event of a flow, parents first. */
export function* eachEvent(events: readonly EventNode[]): Generator<EventNode> {
  for (const event of events) {
    yield event;
    for (const { children } of event.executions) yield* eachEvent(children);
  }
}

/** Whether anything in a flow, or caused by its end, is a dead letter. */
export function hasFailed(trace: FlowTrace): boolean {
  return trace.counts.failed > 0 || listDead(trace).length > 0;
}
