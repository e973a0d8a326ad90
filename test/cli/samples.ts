import type { EventNode, ExecutionNode, FlowCountsAnswer, FlowTrace } from "../../runtime/management/api.ts";

export const flowId = "5f0c1b2a-93d4-4e1f-8a6b-7c5d4e3f2a1b";
export const eventId = "9a21c3d4-0f1e-8a2b-9c3d-4e5f6a7b8c9d";
export const executionId = "7be0c3d4-0f1e-8a2b-9c3d-4e5f6a7b8c9d";

/** A time so many seconds after the flow's start. */
export const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();

export const file = (path: string, bytes: number): EventNode["files"][number] => ({
  path,
  bytes,
  sha256: "00",
  blob: `${flowId}/${executionId}/a1/${path}`,
});

export function event(
  type: string,
  executions: readonly ExecutionNode[] = [],
  more: Partial<EventNode> = {},
): EventNode {
  return { id: eventId, type, time: at(0), data: {}, files: [], executions, ...more };
}

export function execution(module: string, more: Partial<ExecutionNode> = {}): ExecutionNode {
  return {
    id: `${executionId}-${module}`,
    module,
    version: "v1",
    state: "succeeded",
    attempt: 1,
    startedAt: at(0),
    ...(more.state === undefined || more.state === "succeeded" || more.state === "dead"
      ? { endedAt: at(1.2) }
      : {}),
    attempts: [],
    children: [],
    ...more,
  };
}

export function trace(roots: readonly EventNode[], counts: Partial<FlowCountsAnswer> = {}): FlowTrace {
  const all = { events: 1, running: 0, succeeded: 1, failed: 0, trailing: 0, ...counts };
  const ended = all.running === 0;
  return {
    correlationId: flowId,
    state: ended ? "completed" : "running",
    startedAt: at(0),
    ...(ended && { completedAt: at(32.4) }),
    counts: all,
    roots,
  };
}

/** A download that worked and a transcoding that didn't. */
export const failedTrace = trace(
  [
    event(
      "frontapi.new_link",
      [
        execution("downloader", {
          insight: { downloadTimeSec: 1.1 },
          children: [
            event(
              "file_downloaded",
              [
                execution("transcoder", {
                  state: "dead",
                  attempt: 4,
                  endedAt: at(31),
                  error: { code: "exit-code", message: "exit 1: film.mov: moov atom not found" },
                }),
              ],
              { files: [file("film.mov", 48_000_000)] },
            ),
          ],
        }),
      ],
      { data: { url: "https://example.org/film.mov" } },
    ),
  ],
  { events: 2, failed: 1 },
);
