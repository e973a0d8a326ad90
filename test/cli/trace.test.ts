import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { eventStream, problem, run, Sink, serve } from "./harness.ts";
import { event, execution, failedTrace, flowId, trace } from "./samples.ts";

const runningTrace = trace([event("picture", [execution("faces", { state: "running" })])], {
  running: 1,
  succeeded: 0,
});
const doneTrace = trace([event("picture", [execution("faces")])]);
const followPath = `GET /api/flows/${flowId}/follow`;

test("ion trace prints a flow as a tree and exits 0, whatever became of it", async (t) => {
  const { endpoint } = await serve(t, { [`GET /api/flows/${flowId}`]: { json: failedTrace } });
  const { code, stdout, stderr } = await run(["trace", flowId.toUpperCase()], { endpoint });
  assert.equal(code, 0);
  assert.ok(stdout.includes("└─ transcoder  failed  attempt 4"));
  assert.equal(stderr, "");
});

test("ion trace --json prints one document and nothing else", async (t) => {
  const { endpoint } = await serve(t, { [`GET /api/flows/${flowId}`]: { json: failedTrace } });
  const { stdout } = await run(["trace", flowId, "--json"], { endpoint });
  assert.deepEqual(JSON.parse(stdout), failedTrace);
});

test("ion trace --follow prints changes as lines, then the tree", async (t) => {
  const { endpoint } = await serve(t, { [followPath]: eventStream([runningTrace, runningTrace, doneTrace]) });
  const { code, stdout } = await run(["trace", flowId, "--follow"], { endpoint });
  assert.equal(code, 0);
  const lines = stdout.split("\n");
  assert.match(lines[0] ?? "", /^faces {2}running {2}attempt 1/);
  assert.match(lines[1] ?? "", /^faces {2}ok {2}attempt 1 {2}1\.2 s$/);
  assert.match(lines[2] ?? "", /^flow .* completed in 32\.4 s/);
});

test("ion trace --follow draws in place on a terminal", async (t) => {
  const { endpoint } = await serve(t, { [followPath]: eventStream([runningTrace, doneTrace]) });
  const io = { isTty: true, columns: 80, rows: 24 };
  const { code, stdout } = await run(["trace", flowId, "--follow"], { endpoint, io });
  assert.equal(code, 0);
  assert.equal(stdout.split("\u001b[3F\u001b[0J").length, 3);
});

test("ion trace --follow exits 1 when something in the flow failed", async (t) => {
  const { endpoint } = await serve(t, { [followPath]: eventStream([failedTrace]) });
  const { code, stderr } = await run(["trace", flowId, "--follow"], { endpoint });
  assert.equal(code, 1);
  assert.equal(stderr, "");
});

test("ion trace --follow --json prints a line of JSON for each change", async (t) => {
  const { endpoint } = await serve(t, { [followPath]: eventStream([runningTrace, doneTrace]) });
  const { stdout } = await run(["trace", flowId, "--follow", "--json"], { endpoint });
  const documents = stdout.trimEnd().split("\n");
  assert.deepEqual(
    documents.map((line): unknown => JSON.parse(line)),
    [runningTrace, doneTrace],
  );
});

test("ion trace --follow exits 1 when the connection breaks off", async (t) => {
  const broken = {
    write: (response: ServerResponse) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(`data: ${JSON.stringify(runningTrace)}\n\n`);
    },
  };
  const { endpoint } = await serve(t, { [followPath]: broken });
  const { code, stderr } = await run(["trace", flowId, "--follow"], { endpoint });
  assert.equal(code, 1);
  assert.match(stderr, /^ion: [^\n]+\n$/);
});

test("ion trace --follow exits 130 when it is interrupted", async (t) => {
  const interrupt = new AbortController();
  const open = {
    write: (response: ServerResponse) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`data: ${JSON.stringify(runningTrace)}\n\n`);
    },
  };
  const { endpoint } = await serve(t, { [followPath]: open });
  class InterruptingSink extends Sink {
    override _write(chunk: Buffer, encoding: string, done: () => void): void {
      super._write(chunk, encoding, done);
      interrupt.abort();
    }
  }
  const result = await run(["trace", flowId, "--follow"], {
    endpoint,
    signal: interrupt.signal,
    io: { stdout: new InterruptingSink() },
  });
  assert.equal(result.code, 130);
  assert.equal(result.stderr, "");
});

test("ion trace ends when the reader of its output has gone", async (t) => {
  const { endpoint } = await serve(t, { [followPath]: eventStream([runningTrace, doneTrace]) });
  class ClosedSink extends Sink {
    override _write(_chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
      done(new Error("EPIPE"));
    }
  }
  const { stderr } = await run(["trace", flowId, "--follow"], { endpoint, io: { stdout: new ClosedSink() } });
  assert.equal(stderr, "");
});

for (const [name, argv, message] of [
  ["no id", [], /missing required argument/],
  ["a malformed id", ["5f0c"], /cannot find the flow '5f0c': an id has 32 hexadecimal digits/],
  ["two ids", [flowId, flowId], /too many arguments/],
  ["an unknown option", [flowId, "--folow"], /unknown option '--folow' \(Did you mean --follow\?\)/],
] as const) {
  test(`ion trace refuses ${name}`, async () => {
    const { code, stdout, stderr } = await run(["trace", ...argv]);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^ion: cannot [^\n]+\n$/);
    assert.match(stderr, message);
  });
}

for (const follow of [[], ["--follow"]]) {
  test(`ion trace ${follow.join("")} exits 2 for a flow that isn't there`, async (t) => {
    const missing = problem(404, "not-found", `cannot find flow '${flowId}': ion flows lists them`);
    const { endpoint } = await serve(t, { [`GET /api/flows/${flowId}`]: missing, [followPath]: missing });
    const { code, stdout, stderr } = await run(["trace", flowId, ...follow], { endpoint });
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^ion: cannot find flow/);
  });
}
