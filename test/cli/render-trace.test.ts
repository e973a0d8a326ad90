import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { renderTrace, type TraceOptions } from "../../runtime/cli/render-trace.ts";
import { measureText } from "../../runtime/cli/text.ts";
import type { EventNode, FlowTrace } from "../../runtime/management/api.ts";
import { at, event, eventId, execution, failedTrace, file, flowId, trace } from "./samples.ts";

function render(flow: FlowTrace, options: Partial<TraceOptions> = {}): string[] {
  return renderTrace(flow, {
    columns: Number.POSITIVE_INFINITY,
    colour: false,
    now: Date.parse(at(5)),
    ...options,
  });
}

const hints = ["", "why it failed, and how to replay it:", `  ion dlq show ${eventId} --module transcoder`];

test("renderTrace() puts an execution and what it emitted on one line where there is room", () => {
  assert.deepEqual(render(failedTrace, { columns: 120 }), [
    `flow ${flowId}  completed in 32.4 s  2 events  1 ok  1 failed`,
    "frontapi.new_link  +0.0 s  url=https://example.org/film.mov",
    "└─ downloader     ok      attempt 1        1.2 s  file_downloaded  film.mov 45.8 MiB  downloadTimeSec=1.1",
    "   └─ transcoder  failed  attempt 4       31.0 s  exit-code: exit 1: film.mov: moov atom not found",
    ...hints,
  ]);
});

test("renderTrace() puts details below their row and wraps errors on a narrow terminal", () => {
  assert.deepEqual(render(failedTrace, { columns: 44 }), [
    `flow ${flowId}  completed in 32.4 s  2 events  1 ok  1 failed`,
    "frontapi.new_link  +0.0 s  url=https://exam…",
    "└─ downloader     ok      #1     1.2 s",
    "   │  file_downloaded  film.mov 45.8 MiB",
    "   │  downloadTimeSec=1.1",
    "   └─ transcoder  failed  #4    31.0 s",
    "         exit-code: exit 1: film.mov: moov",
    "         atom not found",
    ...hints,
  ]);
});

test("renderTrace() shows progress, waits and what is queued while a flow runs", () => {
  const flow = trace(
    [
      event("file_downloaded", [
        execution("transcoder", { state: "running", progress: { fraction: 0.61, message: "encoding" } }),
        execution("frames", {
          state: "waiting",
          attempt: 2,
          notBefore: at(9),
          error: { code: "timeout", message: "took longer than 3 s" },
        }),
        { id: "x", module: "faces", state: "queued", attempt: 0, attempts: [], children: [] },
      ]),
    ],
    { running: 3, succeeded: 0 },
  );
  assert.deepEqual(render(flow), [
    `flow ${flowId}  running for 5.0 s  1 event  0 ok  3 to go`,
    "file_downloaded  +0.0 s",
    "├─ transcoder  running attempt 1        5.0 s  ██████░░░░ 61 % encoding",
    "├─ frames      waiting attempt 2        5.0 s  last: timeout: took longer than 3 s  next attempt in 4.0 s",
    "└─ faces       queued",
  ]);
});

function fanOut(count: number, failed: ReadonlySet<number>): FlowTrace {
  const child = (index: number): EventNode =>
    event("face", [execution("age", failed.has(index) ? { state: "dead" } : {})], { data: { index } });
  const children = Array.from({ length: count }, (_, index) => child(index));
  return trace([event("picture", [execution("faces", { children })])], { failed: failed.size });
}

test("renderTrace() shows twenty of 10,000 siblings, failed ones before others, and counts the rest", () => {
  const lines = render(fanOut(10_000, new Set([0, 5_000, 9_999])));
  assert.equal(lines.filter((line) => line.includes("─ face ")).length, 20);
  assert.equal(lines.filter((line) => line.includes("failed  attempt")).length, 3);
  assert.ok(lines.includes("   └─ … 9,980 more (9,980 ok)"));
  assert.ok(lines.some((line) => line.includes("10,000 × face")));
});

test("renderTrace() says how many of the siblings it hides failed", () => {
  const lines = render(fanOut(10_000, new Set(Array.from({ length: 25 }, (_, index) => index * 100))));
  assert.ok(lines.includes("   └─ … 9,980 more (9,975 ok, 5 failed)"));
});

test("renderTrace() shows every sibling with 'all'", () => {
  const lines = render(fanOut(50, new Set()), { all: true });
  assert.equal(lines.filter((line) => line.includes("─ face ")).length, 50);
  assert.ok(!lines.some((line) => line.includes("more (")));
});

test("renderTrace() shows ids with 'ids'", () => {
  assert.ok(render(failedTrace, { ids: true })[1]?.includes(eventId));
});

test("renderTrace() colours a line without changing what it says", () => {
  const coloured = render(failedTrace, { columns: 100, colour: true });
  assert.notDeepEqual(coloured, render(failedTrace, { columns: 100 }));
  assert.deepEqual(
    coloured.map((line) => stripVTControlCharacters(line).trimEnd()),
    render(failedTrace, { columns: 100 }),
  );
});

test("renderTrace() lets no module move the cursor or break a line", () => {
  const hostile = "\u001b[2J\r\nion: all is well\u202e";
  const flow = trace([
    event(
      hostile,
      [
        execution(hostile, {
          state: "dead",
          error: { code: hostile, message: hostile },
          insight: { [hostile]: hostile },
        }),
      ],
      { files: [file(hostile, 1)], data: { [hostile]: hostile } },
    ),
  ]);
  for (const line of render(flow)) assert.doesNotMatch(line, /[\p{Cc}\u202e]/u);
});

test("renderTrace() keeps a tree of 200 levels inside the terminal", () => {
  const flow = Array.from({ length: 200 }).reduce<EventNode>(
    (child) => event("step", [execution("chain", { children: [child] })]),
    event("end"),
  );
  for (const line of render(trace([flow]), { columns: 80 }).slice(1))
    assert.ok(measureText(line) <= 80, line);
});
