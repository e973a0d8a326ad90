import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { documentId } from "../../runtime/contract/documents.ts";
import { flowCompleted } from "../../runtime/contract/event.ts";
import type { EventNode, FlowTrace } from "../../runtime/management/api.ts";
import {
  executionOf,
  type Harness,
  idOf,
  makeCommit,
  makeEvent,
  makeExecution,
  makeLog,
  rootId,
  start,
  startManagement,
} from "./harness.ts";

async function readTrace({ server }: Harness): Promise<FlowTrace> {
  const answer = await server.inject(`/api/flows/${rootId}`);
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json();
}

/** The tree in short: type, and module state under it. */
const outline = ({ type, executions }: EventNode): unknown => [
  type,
  executions.map(({ module, state, children }) => [module, state, children.map(outline)]),
];

test("what is routed and has not begun is queued", async () => {
  const ion = await startManagement();
  await ion.beginFlow({ running: 2 });
  const trace = await readTrace(ion);
  assert.deepEqual(trace.roots.map(outline), [
    [
      "film",
      [
        ["cutter", "queued", []],
        ["viewer", "queued", []],
      ],
    ],
  ]);
  assert.equal(trace.roots[0]?.executions[0]?.id, executionOf("cutter"));
  assert.deepEqual(
    [trace.state, trace.completedAt, trace.startedAt],
    ["running", undefined, "2026-01-31T12:00:00.000Z"],
  );
  assert.deepEqual(trace.counts, { events: 1, running: 2, succeeded: 0, failed: 0, trailing: 0 });
});

test("an execution's events are seen once its commit is there", async () => {
  const ion = await startManagement();
  await ion.beginFlow({ running: 2 });
  await ion.documents.create(makeExecution("cutter"));
  const child = makeEvent("frame", idOf(1), { parentid: rootId });
  const executionId = executionOf("cutter");
  await ion.documents.create({
    kind: "event",
    id: documentId.event(child.id),
    flow: rootId,
    event: child,
    files: [],
    executionId,
  });
  assert.deepEqual((await readTrace(ion)).roots.map(outline), [
    [
      "film",
      [
        ["cutter", "running", []],
        ["viewer", "queued", []],
      ],
    ],
  ]);
  await ion.documents.create(makeCommit("cutter", { children: [child.id] }));
  assert.deepEqual((await readTrace(ion)).roots.map(outline), [
    [
      "film",
      [
        ["cutter", "succeeded", [["frame", [["viewer", "queued", []]]]]],
        ["viewer", "queued", []],
      ],
    ],
  ]);
});

test("a large fan-out is seen where it is staged, of the attempt that won, and once", async () => {
  const ion = await startManagement();
  await ion.beginFlow({ running: 3 });
  const executionId = executionOf("cutter");
  const children = [idOf(1), idOf(2)].map((id) => ({ event: makeEvent("frame", id), files: [] }));
  for (const [attempt, chunk, staged] of [
    [1, 0, children],
    [2, 0, children.slice(0, 1)],
    [2, 1, children.slice(1)],
  ] as const) {
    await ion.documents.create({
      kind: "stage",
      id: documentId.stage(executionId, attempt, chunk),
      flow: rootId,
      children: staged,
      files: [],
    });
  }
  await ion.documents.create(makeExecution("cutter", { phase: "succeeded", attempt: 2 }));
  await ion.documents.create(makeCommit("cutter", { attempt: 2, stages: 2, childCount: 2 }));
  const [first] = children;
  assert.ok(first);
  await ion.documents.create({
    kind: "event",
    id: documentId.event(idOf(1)),
    flow: rootId,
    ...first,
    executionId,
  });
  const cutter = (await readTrace(ion)).roots[0]?.executions[0];
  assert.deepEqual(
    cutter?.children.map(({ id }) => id),
    [idOf(1), idOf(2)],
  );
});

test("attempts, errors, insights and times are told", async () => {
  const ion = await startManagement();
  await ion.beginFlow({ failed: 1, succeeded: 1 });
  const error = { code: "exit-code", message: "exit 1: no moov", permanent: false } as const;
  await ion.documents.create(
    makeExecution("cutter", { phase: "dead", attempt: 2, error, endedAt: start + 9_000 }),
  );
  await ion.documents.create(makeLog("cutter", 2, "failed"));
  await ion.documents.create(makeLog("cutter", 1, "interrupted"));
  await ion.documents.create(makeExecution("viewer", { phase: "running" }));
  await ion.documents.create(makeCommit("viewer"));
  const insight = {
    kind: "insight",
    module: "viewer",
    eventId: rootId,
    insight: { seconds: 3 },
    time: start,
  } as const;
  const executionId = executionOf("viewer");
  await ion.documents.create({ ...insight, id: documentId.insight(executionId), flow: rootId, executionId });
  const [cutter, viewer] = (await readTrace(ion)).roots[0]?.executions ?? [];
  assert.deepEqual(cutter?.error, { code: "exit-code", message: "exit 1: no moov" });
  assert.equal(cutter?.endedAt, "2026-01-31T12:00:09.000Z");
  assert.deepEqual(
    cutter?.attempts.map(({ attempt, outcome, error }) => [attempt, outcome, error?.code]),
    [
      [1, "interrupted", undefined],
      [2, "failed", "exit-code"],
    ],
  );
  assert.deepEqual([viewer?.state, viewer?.insight], ["succeeded", { seconds: 3 }]);
});

test("a waiting execution says when it goes on", async () => {
  const ion = await startManagement();
  await ion.beginFlow({ running: 2 });
  await ion.documents.create(makeExecution("cutter", { phase: "waiting", notBefore: start + 60_000 }));
  assert.equal((await readTrace(ion)).roots[0]?.executions[0]?.notBefore, "2026-01-31T12:01:00.000Z");
});

test("progress is told while it runs", async () => {
  const ion = await startManagement({
    progress: {
      find: (id) => (id === executionOf("cutter") ? { fraction: 0.5, message: "half" } : undefined),
      async *watch() {},
    },
  });
  await ion.beginFlow({ running: 2 });
  await ion.documents.create(makeExecution("cutter"));
  assert.deepEqual((await readTrace(ion)).roots[0]?.executions[0]?.progress, {
    fraction: 0.5,
    message: "half",
  });
});

test("files have an address until they are gone", async () => {
  const ion = await startManagement();
  const blob = `${rootId}/${rootId}/u1/a.mov`;
  const { sha256 } = await ion.blobs.put(blob, Readable.from([Buffer.from("x")], { objectMode: false }));
  const file = { path: "a.mov", blob, bytes: 1, sha256 };
  await ion.beginFlow({}, [file, { ...file, path: "b.mov", blob: `${blob}2` }]);
  const [here, gone] = (await readTrace(ion)).roots[0]?.files ?? [];
  assert.deepEqual(here, { ...file, location: `memory:///${blob}` });
  assert.equal(gone && "location" in gone, false);
});

test("a completed flow ends with its completion's tree, and waits for no module that came later", async () => {
  const ion = await startManagement();
  await ion.beginFlow({ trailing: 1 });
  const event = makeEvent(flowCompleted.type, idOf(9), { afterflow: true });
  await ion.documents.create({
    kind: "event",
    id: documentId.event(event.id),
    flow: rootId,
    event,
    files: [],
  });
  const counts = { events: 1, running: 0, succeeded: 2, failed: 0, trailing: 0, reopened: 0 };
  await ion.documents.create({
    kind: "completed",
    id: documentId.completed(0),
    flow: rootId,
    counts,
    completedAt: start + 5,
  });
  const trailing = await readTrace(ion);
  assert.deepEqual(
    trailing.roots.map(({ type }) => type),
    ["film", "ion.flow_completed"],
  );
  assert.deepEqual([trailing.state, trailing.completedAt], ["completed", "2026-01-31T12:00:00.005Z"]);
  assert.equal(trailing.roots[1]?.executions[0]?.state, "queued");
  await ion.documents.batch(rootId, [{ kind: "count", shard: 1, add: { trailing: -1 } }]);
  assert.deepEqual((await readTrace(ion)).roots.map(outline), [
    ["film", []],
    ["ion.flow_completed", []],
  ]);
});

test("a replay opens a completed flow again", async () => {
  const ion = await startManagement();
  await ion.beginFlow({ running: 1, reopened: 1 });
  const counts = { events: 1, running: 0, succeeded: 0, failed: 1, trailing: 0, reopened: 0 };
  await ion.documents.create({
    kind: "completed",
    id: documentId.completed(0),
    flow: rootId,
    counts,
    completedAt: start,
  });
  assert.equal((await readTrace(ion)).state, "running");
});

test("flows are listed page by page, the one begun last first", async () => {
  const ion = await startManagement();
  await ion.beginFlow({ running: 2 });
  const later = makeEvent("film", idOf(7), { correlationid: idOf(7) });
  await ion.documents.batch(idOf(7), [
    {
      kind: "create",
      document: { kind: "event", id: documentId.event(idOf(7)), flow: idOf(7), event: later, files: [] },
    },
    { kind: "count", shard: 2, add: { events: 1, succeeded: 1 } },
  ]);
  const first = (await ion.server.inject("/api/flows?size=1")).json();
  assert.equal(first.items[0].correlationId, idOf(7));
  const second = (await ion.server.inject(`/api/flows?size=1&after=${first.next}`)).json();
  const counts = { events: 1, running: 2, succeeded: 0, failed: 0, trailing: 0 };
  const startedAt = "2026-01-31T12:00:00.000Z";
  assert.deepEqual(second, {
    items: [{ correlationId: rootId, type: "film", state: "running", startedAt, counts }],
  });
});
