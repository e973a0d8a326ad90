import assert from "node:assert/strict";
import { createServer } from "node:net";
import { Readable } from "node:stream";
import { test } from "node:test";
import { documentId } from "../../runtime/contract/documents.ts";
import { attemptKey } from "../../runtime/contract/ids.ts";
import { managementClient } from "../../runtime/management/client.ts";
import { progressBoard } from "../../runtime/management/progress.ts";
import type { ManagementOptions } from "../../runtime/management/routes.ts";
import type { Transition } from "../../runtime/ports/executor.ts";
import {
  executionOf,
  idOf,
  makeCommit,
  makeEvent,
  makeExecution,
  rootId,
  start,
  startManagement,
} from "./harness.ts";

async function listen(options: Partial<ManagementOptions> = {}) {
  const ion = await startManagement(options);
  const endpoint = await ion.server.listen({ host: "127.0.0.1", port: 0 });
  const client = managementClient({ endpoint });
  return { ...ion, endpoint, client, [Symbol.asyncDispose]: () => ion.server.close() };
}

const counts = { events: 1, running: 0, succeeded: 2, failed: 0, trailing: 0, reopened: 0 };
const completed = {
  kind: "completed",
  id: documentId.completed(0),
  flow: rootId,
  counts,
  completedAt: start,
} as const;

const textOf = async (stream: ReadableStream<Uint8Array>): Promise<string> => new Response(stream).text();

test("followFlow() tells each change and ends with the flow", async () => {
  await using ion = await listen();
  await ion.beginFlow({ running: 2 });
  const states: string[] = [];
  for await (const { state, roots } of ion.client.followFlow(rootId)) {
    const cutter = roots[0]?.executions[0]?.state;
    states.push(`${state} ${cutter}`);
    // Each change is made once the one before was told, so that none is joined with the next.
    if (cutter === "queued") await ion.documents.create(makeExecution("cutter"));
    if (cutter === "running") {
      await ion.documents.batch(rootId, [
        { kind: "create", document: makeCommit("cutter") },
        { kind: "count", shard: 1, add: { running: -2, succeeded: 2 } },
      ]);
    }
    if (cutter === "succeeded" && state === "running") await ion.documents.create(completed);
  }
  assert.deepEqual(states, ["running queued", "running running", "running succeeded", "completed succeeded"]);
});

test("followFlow() tells progress", async () => {
  let tell: (transition: Transition) => void = () => {};
  async function* transitions(): AsyncGenerator<Transition> {
    while (true) yield await new Promise<Transition>((resolve) => (tell = resolve));
  }
  await using ion = await listen({ progress: progressBoard(transitions()) });
  await ion.beginFlow({ running: 2 });
  await ion.documents.create(makeExecution("cutter"));
  const key = attemptKey(executionOf("cutter"), 1);
  for await (const { roots } of ion.client.followFlow(rootId)) {
    const progress = roots[0]?.executions[0]?.progress;
    if (progress === undefined) tell({ key, state: "progress", fraction: 0.5, message: "half" });
    else {
      assert.deepEqual(progress, { fraction: 0.5, message: "half" });
      break;
    }
  }
});

test("a server that closes ends who follows, as an error", async () => {
  await using ion = await listen();
  await ion.beginFlow({ running: 2 });
  await assert.rejects(
    async () => {
      for await (const _ of ion.client.followFlow(rootId)) void ion.server.close();
    },
    { code: "unavailable", message: /stopped before flow/ },
  );
});

test("readLogs() reads the current attempt, and an earlier one", async () => {
  await using ion = await listen();
  await ion.documents.create(makeExecution("cutter", { phase: "dead", attempt: 2 }));
  const id = executionOf("cutter");
  ion.printed.set(attemptKey(id, 1), "first\n");
  ion.printed.set(attemptKey(id, 2), "second\n");
  assert.equal(await textOf(await ion.client.readLogs(id)), "second\n");
  assert.equal(await textOf(await ion.client.readLogs(id, { attempt: 1 })), "first\n");
  assert.equal(await textOf(await ion.client.readLogs(id, { attempt: 1, follow: true })), "first\n");
});

test("readLogs() with follow goes on until the attempt has ended", async () => {
  await using ion = await listen();
  const execution = makeExecution("cutter");
  await ion.documents.create(execution);
  const id = executionOf("cutter");
  let text = "";
  const decoder = new TextDecoder();
  const lines = ["one\n", "two\n", "three\n"];
  ion.printed.set(attemptKey(id, 1), "");
  const print = async () => {
    ion.printed.set(attemptKey(id, 1), text + (lines.shift() ?? ""));
    if (lines.length > 0) return;
    await ion.documents.batch(rootId, [{ kind: "put", document: { ...execution, phase: "succeeded" } }]);
  };
  await print();
  for await (const chunk of await ion.client.readLogs(id, { follow: true })) {
    text += decoder.decode(chunk);
    if (lines.length > 0) await print();
  }
  assert.equal(text, "one\ntwo\nthree\n");
});

test("listModules() tells versions and what waits", async () => {
  await using ion = await listen();
  await ion.bus.publish([makeEvent("film")]);
  await ion.setAside("viewer", "film", 1);
  const { modules } = await ion.client.listModules();
  const [cutter, viewer] = modules;
  assert.deepEqual(
    [cutter?.name, cutter?.version, cutter?.status, cutter?.emits],
    ["cutter", "v1", "ready", ["frame"]],
  );
  assert.deepEqual(cutter?.queues, [
    { type: "film", depth: { waiting: 1, locked: 0, scheduled: 0, dead: 0 } },
  ]);
  assert.deepEqual(
    viewer?.queues.map(({ type, depth }) => [type, depth.dead]),
    [
      ["film", 1],
      ["frame", 0],
    ],
  );
});

test("listInsights() tells the newest first, from a time on, page by page", async () => {
  await using ion = await listen();
  for (const [index, time] of [start, start + 1_000, start + 2_000].entries()) {
    const executionId = idOf(index);
    const ids = { id: documentId.insight(executionId), flow: rootId, executionId, eventId: rootId };
    await ion.documents.create({ kind: "insight", ...ids, module: "cutter", insight: { index }, time });
  }
  const query = { module: "cutter", since: new Date(start + 1_000), size: 1 };
  const first = await ion.client.listInsights(query);
  assert.deepEqual(first.items[0]?.insight, { index: 2 });
  assert.equal(first.items[0]?.time, "2026-01-31T12:00:02.000Z");
  const second = await ion.client.listInsights({
    ...query,
    ...(first.next !== undefined && { after: first.next }),
  });
  assert.deepEqual([second.items[0]?.insight, second.next], [{ index: 1 }, undefined]);
});

test("readFile() reads a file by its blob's path", async () => {
  await using ion = await listen();
  const blob = `${rootId}/a1/sub folder/ü#?.txt`;
  await ion.blobs.put(blob, Readable.from([Buffer.from("hello")], { objectMode: false }));
  assert.equal(await textOf(await ion.client.readFile(blob)), "hello");
});

test("replay() and the lists of dead letters and flows go through the client", async () => {
  await using ion = await listen();
  await ion.beginFlow();
  await ion.bus.publish([makeEvent("film")]);
  await ion.setAside("cutter", "film", 1);
  assert.equal((await ion.client.listFlows({ size: 1 })).items[0]?.correlationId, rootId);
  assert.equal((await ion.client.listDeadLetters({ module: "cutter" })).items[0]?.eventId, rootId);
  assert.equal((await ion.client.getDeadLetter(rootId)).module, "cutter");
  assert.deepEqual(await ion.client.replay({ all: true }), {
    replayed: [{ eventId: rootId, module: "cutter" }],
    failed: [],
  });
});

test("errors keep their code and their words", async () => {
  await using ion = await listen();
  await assert.rejects(ion.client.getFlow(idOf(1)), {
    name: "IonError",
    code: "not-found",
    message: /there is no flow/,
  });
  await assert.rejects(ion.client.replay({}), { code: "invalid" });
  await assert.rejects(Array.fromAsync(ion.client.followFlow(idOf(1))), { code: "not-found" });
  const evil = managementClient({ endpoint: ion.endpoint.replace("127.0.0.1", "localhost") });
  await assert.rejects(evil.getFlow("x"), { code: "invalid" });
});

test("nobody at the endpoint says what to do", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  await new Promise((resolve) => server.close(resolve));
  const endpoint = `http://127.0.0.1:${address.port}`;
  await assert.rejects(managementClient({ endpoint }).listFlows(), {
    code: "unavailable",
    message: `no Ion answers at ${endpoint}: start one with \`ion local\`, or name another with --endpoint`,
  });
  await assert.rejects(managementClient({ endpoint: "nonsense" }).listFlows(), {
    code: "invalid",
    message: /not an address/,
  });
});
