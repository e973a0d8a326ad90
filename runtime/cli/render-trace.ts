import type { EventNode, ExecutionNode, FlowTrace } from "../management/api.ts";
import { countOf, elapsed, formatCount, formatDuration } from "./format.ts";
import { type Judge, listDead, makeJudge } from "./outcome.ts";
import { describeEvent, describeExecution, stateWords } from "./render-details.ts";
import { type Detail, layOut, type Row } from "./render-rows.ts";
import { describeHidden, selectSiblings } from "./siblings.ts";
import { makePaint, type Paint, toPrintable } from "./text.ts";

export interface TraceOptions {
  /** Cells of a line; `Infinity` where lines have no end. */
  readonly columns: number;
  readonly colour: boolean;
  /** What running executions are timed against, in milliseconds since 1970. */
  readonly now: number;
  /** Shows every sibling instead of twenty. @default false */
  readonly all?: boolean;
  /** Shows the ids of events and executions. @default false */
  readonly ids?: boolean;
}

const siblingLimit = 20;
/** Dead letters whose command is printed below the tree. */
const hintLimit = 3;

interface Tree {
  readonly trace: FlowTrace;
  readonly options: TraceOptions;
  readonly judge: Judge;
}

type Node =
  | { readonly kind: "event"; readonly event: EventNode }
  | { readonly kind: "execution"; readonly execution: ExecutionNode };

const toEvent = (event: EventNode): Node => ({ kind: "event", event });
const toExecution = (execution: ExecutionNode): Node => ({ kind: "execution", execution });

/** An only child stands in its execution's row; several get a row each. */
function listBelow(node: Node): Node[] {
  if (node.kind === "event") return node.event.executions.map(toExecution);
  const { children } = node.execution;
  const [only] = children;
  return children.length === 1 && only !== undefined
    ? only.executions.map(toExecution)
    : children.map(toEvent);
}

function showId(id: string, { options }: Tree): Detail[] {
  return options.ids === true ? [{ text: id, tone: "quiet" }] : [];
}

function rowOf(node: Node, tree: Tree): Omit<Row, "guide" | "guideBelow"> {
  if (node.kind === "event") {
    const { event } = node;
    return {
      label: toPrintable(event.type),
      details: [...showId(event.id, tree), ...describeEvent(event, tree.trace.startedAt)],
    };
  }
  const { execution } = node;
  const { word, tone } = stateWords[execution.state];
  const time =
    execution.startedAt === undefined
      ? ""
      : formatDuration(elapsed(execution.startedAt, execution.endedAt, tree.options.now));
  return {
    label: toPrintable(execution.module),
    cells: { state: word, tone, attempt: execution.attempt, time },
    details: [...showId(execution.id, tree), ...describeExecution(execution, tree.options.now)],
  };
}

function* rowsBelow(node: Node, below: string, tree: Tree): Generator<Row> {
  const limit = tree.options.all === true ? Number.POSITIVE_INFINITY : siblingLimit;
  const judge = (each: Node) =>
    each.kind === "event" ? tree.judge.event(each.event) : tree.judge.execution(each.execution);
  const { shown, hidden } = selectSiblings(listBelow(node), judge, limit);
  const more = describeHidden(hidden);
  for (const [index, each] of shown.entries()) {
    const last = more === undefined && index === shown.length - 1;
    yield* rowsOf(each, `${below}${last ? "└─ " : "├─ "}`, `${below}${last ? "   " : "│  "}`, tree);
  }
  if (more !== undefined) yield { guide: `${below}└─ `, guideBelow: below, label: more, details: [] };
}

function* rowsOf(node: Node, guide: string, below: string, tree: Tree): Generator<Row> {
  const hasMore = listBelow(node).length > 0;
  yield { guide, guideBelow: `${below}${hasMore ? "│  " : "   "}`, ...rowOf(node, tree) };
  yield* rowsBelow(node, below, tree);
}

/** `flow 5f0c…  completed in 32.4 s  3 events  2 ok  1 failed`. */
function renderHead({ trace, options }: Tree, paint: Paint): string {
  const { counts, state, startedAt, completedAt } = trace;
  const time = formatDuration(elapsed(startedAt, completedAt, options.now));
  return [
    `flow ${toPrintable(trace.correlationId)}`,
    state === "completed" ? `completed in ${time}` : paint("busy", `running for ${time}`),
    countOf(counts.events, "event"),
    paint("good", `${formatCount(counts.succeeded)} ok`),
    ...(counts.failed > 0 ? [paint("bad", `${formatCount(counts.failed)} failed`)] : []),
    ...(counts.running + counts.trailing > 0
      ? [paint("busy", `${formatCount(counts.running + counts.trailing)} to go`)]
      : []),
  ].join("  ");
}

function renderHints({ trace }: Tree): string[] {
  const dead = listDead(trace);
  const commands = dead
    .slice(0, hintLimit)
    .map(({ event, execution }) => `  ion dlq show ${event.id} --module ${toPrintable(execution.module)}`);
  if (dead.length === 0) return [];
  const others = dead.length - commands.length;
  const more = others > 0 ? [`  … ${formatCount(others)} more: ion dlq list`] : [];
  return ["", "why it failed, and how to replay it:", ...commands, ...more];
}

/** Renders a flow as a tree, one string a line. */
export function renderTrace(trace: FlowTrace, options: TraceOptions): string[] {
  const tree: Tree = { trace, options, judge: makeJudge() };
  const paint = makePaint(options.colour);
  const rows = trace.roots.flatMap((root) => [...rowsOf(toEvent(root), "", "", tree)]);
  return [renderHead(tree, paint), ...layOut(rows, options.columns, paint), ...renderHints(tree)];
}
