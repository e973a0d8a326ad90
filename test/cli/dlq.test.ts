import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeadLetterDetail, DeadLetterSummary } from "../../runtime/management/api.ts";
import { problem, run, serve } from "./harness.ts";
import { at, eventId, executionId, file, flowId } from "./samples.ts";

const summary: DeadLetterSummary = {
  eventId,
  correlationId: flowId,
  executionId,
  module: "transcoder",
  type: "file_downloaded",
  reason: { code: "exit-code", message: "exit 1: moov atom not found" },
  since: at(60),
};

const detail: DeadLetterDetail = {
  ...summary,
  data: { kind: "video" },
  files: [file("film.mov", 48_000_000)],
  attempts: [
    {
      attempt: 1,
      outcome: "failed",
      error: { code: "timeout", message: "took longer than 30 s" },
      startedAt: at(0),
      endedAt: at(30),
    },
    { attempt: 2, outcome: "failed", error: summary.reason, startedAt: at(58), endedAt: at(60) },
  ],
};

const showPath = `GET /api/dead-letters/${eventId}`;
const logPath = `GET /api/executions/${executionId}/logs`;
const replayPath = "POST /api/dead-letters/replay";
const replayed = { json: { replayed: [{ eventId, module: "transcoder" }], failed: [] } };

test("ion dlq list prints a table and passes filters on", async (t) => {
  const { endpoint, asked } = await serve(t, {
    "GET /api/dead-letters": { json: { items: [summary], next: "p2" } },
  });
  const argv = ["dlq", "list", "--module", "transcoder", "--type", "file_downloaded", "--code", "exit-code"];
  const { stdout } = await run(argv, { endpoint });
  assert.deepEqual(stdout.split("\n"), [
    "event                                 since (UTC)          module      type             why",
    `${eventId}  2026-01-01 00:01:00  transcoder  file_downloaded  exit-code: exit 1: moov atom not found`,
    "more: add --after p2",
    "",
  ]);
  const query = new URLSearchParams(asked[0]?.url.split("?")[1]);
  assert.deepEqual(Object.fromEntries(query), {
    size: "20",
    module: "transcoder",
    type: "file_downloaded",
    code: "exit-code",
  });
});

test("ion dlq list says when there are none", async (t) => {
  const { endpoint } = await serve(t, { "GET /api/dead-letters": { json: { items: [] } } });
  assert.equal((await run(["dlq", "list"], { endpoint })).stdout, "no dead letters\n");
});

test("ion dlq show says why, since when, the log's end and how to replay", async (t) => {
  const log = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join("");
  const { endpoint, asked } = await serve(t, {
    [showPath]: { json: detail },
    [logPath]: { write: (response) => response.end(log) },
  });
  const { code, stdout } = await run(["dlq", "show", eventId], { endpoint });
  assert.equal(code, 0);
  const lines = stdout.split("\n");
  assert.deepEqual(lines.slice(0, 2), [
    `file_downloaded ${eventId}, set aside by transcoder`,
    "why       exit-code: exit 1: moov atom not found",
  ]);
  assert.match(lines[2] ?? "", /^since {5}2026-01-01 00:01:00 UTC, .+ ago$/);
  assert.deepEqual(lines.slice(3, 20), [
    `flow      ${flowId}`,
    "data      kind=video",
    "files     film.mov 45.8 MiB",
    "attempts",
    "  1  failed  30.0 s  timeout: took longer than 30 s",
    "  2  failed  2.0 s  exit-code: exit 1: moov atom not found",
    `log       its last lines; all of it: ion logs ${executionId}`,
    ...Array.from({ length: 10 }, (_, index) => `  line ${19_990 + index}`),
  ]);
  assert.deepEqual(lines.slice(20), [`replay    ion dlq replay ${eventId} --module transcoder`, ""]);
  assert.equal(asked[1]?.url, `/api/executions/${executionId}/logs?attempt=2`);
});

test("ion dlq show does without a log that is gone", async (t) => {
  const { endpoint } = await serve(t, {
    [showPath]: { json: detail },
    [logPath]: problem(404, "not-found", "gone"),
  });
  const { code, stdout } = await run(["dlq", "show", eventId, "--module", "transcoder"], { endpoint });
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /^log/m);
});

test("ion dlq show --json prints one document", async (t) => {
  const { endpoint } = await serve(t, {
    [showPath]: { json: detail },
    [logPath]: { write: (response) => response.end("a\nb\n") },
  });
  const { stdout } = await run(["dlq", "show", eventId, "--json"], { endpoint });
  assert.deepEqual(JSON.parse(stdout), { ...detail, log: ["a", "b"] });
});

test("ion dlq replay <event id> doesn't ask", async (t) => {
  const { endpoint, asked } = await serve(t, { [replayPath]: replayed });
  const result = await run(["dlq", "replay", eventId, "--module", "transcoder"], { endpoint });
  assert.deepEqual(result, { code: 0, stdout: "replayed 1 event\n", stderr: "" });
  assert.deepEqual(JSON.parse(asked[0]?.body ?? ""), { eventId, module: "transcoder" });
});

test("ion dlq replay --all --yes replays everything", async (t) => {
  const { endpoint, asked } = await serve(t, { [replayPath]: replayed });
  const { code } = await run(["dlq", "replay", "--all", "--yes"], { endpoint });
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(asked[0]?.body ?? ""), { all: true });
});

for (const [answer, requests] of [
  ["y\n", 1],
  ["\n", 0],
] as const) {
  test(`ion dlq replay asks, and ${requests === 1 ? "goes on" : "stops"} on '${answer.trim()}'`, async (t) => {
    const { endpoint, asked } = await serve(t, { [replayPath]: replayed });
    const argv = ["dlq", "replay", "--module", "transcoder"];
    const { code, stderr } = await run(argv, { endpoint, stdin: answer, io: { canAsk: true } });
    assert.equal(code, 0);
    assert.match(stderr, /Replay every dead letter of module transcoder\? \[y\/N\]/);
    assert.equal(asked.length, requests);
  });
}

test("ion dlq replay exits 1 when one could not be replayed", async (t) => {
  const json = { replayed: [], failed: [{ eventId, module: "transcoder", message: "the bus is away" }] };
  const { endpoint } = await serve(t, { [replayPath]: { json } });
  const { code, stderr } = await run(["dlq", "replay", eventId], { endpoint });
  assert.equal(code, 1);
  assert.equal(stderr, `ion: cannot replay ${eventId} for transcoder: the bus is away\n`);
});

const refused: readonly [argv: readonly string[], message: RegExp][] = [
  [["list", "--module", "Trans"], /module name 'Trans' is not an RFC 1123 label/],
  [["list", "--type", "a b"], /event type 'a b'/],
  [["list", "--size", "-1"], /--size '-1'/],
  [["show"], /missing required argument/],
  [["show", "9a21"], /cannot find the event '9a21'/],
  [["show", eventId, "--module", ""], /module name ''/],
  [["replay"], /no dead letter is selected; give an event id/],
  [["replay", "9a21"], /cannot find the event '9a21'/],
  [["replay", "--all", "--module", "a"], /--all selects every dead letter, and something else/],
  [["replay", eventId, "--all"], /--all selects every dead letter/],
  [["replay", "--module", "a"], /nobody can be asked whether to replay them all; add --yes/],
  [["replay", "--all"], /add --yes/],
];

for (const [argv, message] of refused) {
  test(`ion dlq ${argv.join(" ")} is refused and changes nothing`, async (t) => {
    const { endpoint, asked } = await serve(t, {});
    const { code, stdout, stderr } = await run(["dlq", ...argv], { endpoint });
    assert.deepEqual([code, stdout, asked.length], [2, "", 0]);
    assert.match(stderr, /^ion: cannot [^\n]+\n$/);
    assert.match(stderr, message);
  });
}
