import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import type { FlowSummary, ModulesAnswer, PageAnswer } from "../../runtime/management/api.ts";
import { problem, run, serve } from "./harness.ts";
import { at, executionId, flowId } from "./samples.ts";

const flows: PageAnswer<FlowSummary> = {
  items: [
    {
      correlationId: flowId,
      type: "frontapi.new_link",
      state: "completed",
      startedAt: at(0),
      completedAt: at(75),
      counts: { events: 10_001, running: 0, succeeded: 9_999, failed: 2, trailing: 0 },
    },
  ],
  next: "p2",
};

test("ion flows prints a table and how to go on", async (t) => {
  const { endpoint, asked } = await serve(t, { "GET /api/flows": { json: flows } });
  const { code, stdout } = await run(["flows", "--size", "1", "--after", "p1"], { endpoint });
  assert.equal(code, 0);
  assert.deepEqual(stdout.split("\n"), [
    "flow                                  started (UTC)        first event        state      time        events  to go  failed",
    `${flowId}  2026-01-01 00:00:00  frontapi.new_link  completed  1 min 15 s  10,001  0      2`,
    "more: ion flows --size 1 --after p2",
    "",
  ]);
  assert.equal(asked[0]?.url, "/api/flows?size=1&after=p1");
});

test("ion flows says how to begin when there are none", async (t) => {
  const { endpoint } = await serve(t, { "GET /api/flows": { json: { items: [] } } });
  const { stdout } = await run(["flows"], { endpoint });
  assert.equal(stdout, "no flows; begin one with: ion submit\n");
});

const modules: ModulesAnswer = {
  modules: [
    {
      name: "transcoder",
      version: "sha256:0123456789abcdef",
      status: "ready",
      message: "",
      on: [{ type: "file_downloaded", filter: { kind: "video" } }],
      emits: ["file_transcoded"],
      queues: [{ type: "file_downloaded", depth: { waiting: 3, locked: 2, scheduled: 1, dead: 4 } }],
    },
  ],
};

test("ion modules prints a table", async (t) => {
  const { endpoint } = await serve(t, { "GET /api/modules": { json: modules } });
  const { stdout } = await run(["modules"], { endpoint });
  assert.deepEqual(stdout.split("\n"), [
    "module      status  version       waiting  running  later  dead  events",
    "transcoder  ready   sha256:0123…  3        2        1      4     file_downloaded -> file_transcoded",
    "",
  ]);
});

for (const [command, path, answer] of [
  ["flows", "GET /api/flows", flows],
  ["modules", "GET /api/modules", modules],
] as const) {
  test(`ion ${command} --json prints one document`, async (t) => {
    const { endpoint } = await serve(t, { [path]: { json: answer } });
    const { stdout } = await run([command, "--json"], { endpoint });
    assert.deepEqual(JSON.parse(stdout), answer);
  });
}

test("ion logs copies what a module printed, byte for byte", async (t) => {
  const log = Buffer.from([0x66, 0xff, 0x00, 0x0a]);
  const { endpoint, asked } = await serve(t, {
    [`GET /api/executions/${executionId}/logs`]: { write: (response) => response.end(log) },
  });
  const chunks: Buffer[] = [];
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const { code } = await run(["logs", executionId, "--attempt", "2", "--follow"], {
    endpoint,
    io: { stdout },
  });
  assert.equal(code, 0);
  assert.deepEqual(Buffer.concat(chunks), log);
  assert.equal(asked[0]?.url, `/api/executions/${executionId}/logs?attempt=2&follow=true`);
});

test("ion logs exits 2 for an execution that isn't there", async (t) => {
  const { endpoint } = await serve(t, {
    [`GET /api/executions/${executionId}/logs`]: problem(
      404,
      "not-found",
      "cannot find the log: no such execution",
    ),
  });
  const result = await run(["logs", executionId], { endpoint });
  assert.deepEqual(result, { code: 2, stdout: "", stderr: "ion: cannot find the log: no such execution\n" });
});

const refused: readonly [argv: readonly string[], message: RegExp][] = [
  [["flows", "--size", "0"], /--size '0': it must be a whole number from 1 to 1000/],
  [["flows", "--size", "many"], /--size 'many'/],
  [["flows", "extra"], /too many arguments/],
  [["modules", "extra"], /too many arguments/],
  [["logs"], /missing required argument 'execution'/],
  [["logs", "abc"], /cannot find the execution 'abc'/],
  [["logs", executionId, "--attempt", "0"], /--attempt '0'/],
  [["logs", executionId, "--attempt", "1.5"], /--attempt '1\.5'/],
];

for (const [argv, message] of refused) {
  test(`ion ${argv.join(" ")} is refused and asks nothing`, async (t) => {
    const { endpoint, asked } = await serve(t, {});
    const { code, stdout, stderr } = await run(argv, { endpoint });
    assert.deepEqual([code, stdout, asked.length], [2, "", 0]);
    assert.match(stderr, /^ion: cannot [^\n]+\n$/);
    assert.match(stderr, message);
  });
}
