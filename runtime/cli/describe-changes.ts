import type { ExecutionNode, FlowTrace } from "../management/api.ts";
import { elapsed, formatDuration } from "./format.ts";
import { eachExecution } from "./outcome.ts";
import { describeExecution, stateWords } from "./render-details.ts";
import { toPrintable } from "./text.ts";

/** Equal keys mean that there is nothing new to say. */
function keyOf({ state, attempt, progress }: ExecutionNode): string {
  const tenth = progress === undefined ? "" : Math.floor(progress.fraction * 10);
  return state === "running" ? `${state} ${attempt} ${tenth}` : `${state} ${attempt}`;
}

function describe(execution: ExecutionNode, now: number): string {
  const { startedAt, endedAt } = execution;
  return [
    toPrintable(execution.module),
    stateWords[execution.state].word,
    `attempt ${execution.attempt}`,
    ...(startedAt === undefined ? [] : [formatDuration(elapsed(startedAt, endedAt, now))]),
    ...describeExecution(execution, now).map(({ text }) => text),
  ].join("  ");
}

/**
 * Says what became of a flow's executions since the last look, a line each; progress in tenths.
 *
 * @param before absent for the first look
 * @param now in milliseconds since 1970
 */
export function describeChanges(before: FlowTrace | undefined, after: FlowTrace, now: number): string[] {
  const known = new Map<string, string>();
  if (before !== undefined) {
    for (const { execution } of eachExecution(before.roots)) known.set(execution.id, keyOf(execution));
  }
  return [...eachExecution(after.roots)]
    .filter(({ execution }) => execution.state !== "queued" && known.get(execution.id) !== keyOf(execution))
    .map(({ execution }) => describe(execution, now));
}
