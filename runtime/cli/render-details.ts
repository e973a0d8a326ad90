import { formatBytes } from "../contract/size.ts";
import type { EventNode, ExecutionNode, ExecutionState, FileNode } from "../management/api.ts";
import { countOf, elapsed, formatCount, formatDuration, formatObject, formatProgress } from "./format.ts";
import type { Detail } from "./render-rows.ts";
import { clip, type Tone, toPrintable } from "./text.ts";

/** How a state is said, and in which tone. */
export const stateWords: Readonly<Record<ExecutionState, { readonly word: string; readonly tone: Tone }>> = {
  queued: { word: "queued", tone: "quiet" },
  running: { word: "running", tone: "busy" },
  waiting: { word: "waiting", tone: "busy" },
  succeeded: { word: "ok", tone: "good" },
  dead: { word: "failed", tone: "bad" },
};

/** `film.mov 48.0 MiB`; more than two files are counted. */
export function summariseFiles(files: readonly FileNode[]): string {
  if (files.length <= 2) {
    return files.map(({ path, bytes }) => `${clip(toPrintable(path), 60)} ${formatBytes(bytes)}`).join(", ");
  }
  return `${countOf(files.length, "file")} ${formatBytes(files.reduce((sum, { bytes }) => sum + bytes, 0))}`;
}

/** `film_transcoded  film.mp4 9.1 MiB` for one event, `30 × picture` for more. */
function summariseChildren(children: readonly EventNode[]): string {
  const [only] = children;
  if (only !== undefined && children.length === 1) {
    return [toPrintable(only.type), summariseFiles(only.files)].filter((text) => text !== "").join("  ");
  }
  const counts = Map.groupBy(children, ({ type }) => type);
  return [...counts]
    .map(([type, events]) => `${formatCount(events.length)} × ${toPrintable(type)}`)
    .join(", ");
}

function describeError({ state, error }: ExecutionNode): Detail[] {
  if (error === undefined) return [];
  const text = `${toPrintable(error.code)}: ${toPrintable(error.message)}`;
  return [state === "dead" ? { text, tone: "bad" } : { text: `last: ${text}`, tone: "busy" }];
}

function describeWait({ state, notBefore }: ExecutionNode, now: number): Detail[] {
  if (state !== "waiting" || notBefore === undefined) return [];
  return [{ text: `next attempt in ${formatDuration(Date.parse(notBefore) - now)}`, tone: "busy" }];
}

function describeProgress({ state, progress }: ExecutionNode): Detail[] {
  if (state !== "running" || progress === undefined) return [];
  const text = `${formatProgress(progress.fraction)} ${clip(toPrintable(progress.message), 60)}`;
  return [{ text: text.trimEnd(), tone: "busy" }];
}

/** All there is to say about an execution beside its state, most wanted first. */
export function describeExecution(execution: ExecutionNode, now: number): Detail[] {
  const children = summariseChildren(execution.children);
  return [
    ...(children === "" ? [] : [{ text: children }]),
    ...(execution.state === "succeeded" ? [] : describeError(execution)),
    ...describeProgress(execution),
    ...describeWait(execution, now),
    ...(execution.insight === undefined
      ? []
      : [{ text: formatObject(execution.insight), tone: "quiet" as const }]),
  ];
}

/** When an event came, its files and its data. */
export function describeEvent(event: EventNode, flowStart: string): Detail[] {
  const texts = [
    `+${formatDuration(elapsed(flowStart, event.time, 0))}`,
    summariseFiles(event.files),
    formatObject(event.data),
  ];
  return texts.filter((text) => text !== "").map((text) => ({ text }));
}
