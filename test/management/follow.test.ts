import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../runtime/contract/clock.ts";
import type { FlowTrace } from "../../runtime/management/api.ts";
import { followFlow, toEventStream } from "../../runtime/management/follow.ts";
import { readServerSentEvents } from "../../runtime/management/server-sent-events.ts";
import { latch } from "../../runtime/ports/latch.ts";
import { eagerClock, rootId, start } from "./harness.ts";

function makeTrace(running: number, state: FlowTrace["state"] = "running"): FlowTrace {
  const counts = { events: 1, running, succeeded: 0, failed: 0, trailing: 0 };
  return { correlationId: rootId, state, startedAt: new Date(start).toISOString(), counts, roots: [] };
}

/** A clock on which every wait is kept, to be ended by the test. */
function heldClock() {
  const waits: { milliseconds: number; end: () => void }[] = [];
  const clock: Clock = {
    now: () => start,
    wait: (milliseconds) => new Promise((end) => waits.push({ milliseconds, end })),
  };
  return { clock, waits };
}

test("changes during the pause are one trace", async () => {
  const { clock, waits } = heldClock();
  const changes = latch();
  const { signal } = new AbortController();
  let reads = 0;
  const read = async () => makeTrace(reads++, reads > 2 ? "completed" : "running");
  const traces = followFlow({ read, changes: [changes.items(signal)], clock, signal });
  await traces.next();
  const second = traces.next();
  await new Promise(setImmediate);
  assert.deepEqual(
    waits.map(({ milliseconds }) => milliseconds),
    [100],
  );
  for (let times = 0; times < 5; times += 1) changes.wake();
  waits[0]?.end();
  assert.equal((await second).value?.counts.running, 1);
  assert.equal(reads, 2);
});

test("a change that changes nothing in the trace is not told", async () => {
  const changes = latch();
  const { signal } = new AbortController();
  let reads = 0;
  const read = async () => {
    reads += 1;
    changes.wake();
    return makeTrace(0, reads < 4 ? "running" : "completed");
  };
  const traces = await Array.fromAsync(
    followFlow({ read, changes: [changes.items(signal)], clock: eagerClock, signal }),
  );
  assert.deepEqual([traces.map(({ state }) => state), reads], [["running", "completed"], 4]);
});

test("a flow that is slow to read is read less often", async () => {
  const { waits, clock } = heldClock();
  let now = start;
  const slow = { ...clock, now: () => now };
  const read = async () => {
    now += 1_000;
    return makeTrace(1);
  };
  const { signal } = new AbortController();
  const traces = followFlow({ read, changes: [], clock: slow, signal });
  await traces.next();
  void traces.next();
  await new Promise(setImmediate);
  assert.equal(waits[0]?.milliseconds, 5_000);
});

test("a watch that fails ends who follows with its error", async () => {
  async function* broken(): AsyncGenerator<void> {
    yield Promise.reject(new Error("the store is away"));
  }
  const { signal } = new AbortController();
  const read = async () => makeTrace(1);
  const traces = followFlow({ read, changes: [broken()], clock: eagerClock, signal });
  await assert.rejects(Array.fromAsync(traces), /the store is away/);
});

test("silence has a heartbeat, and the end is told", async () => {
  const { clock, waits } = heldClock();
  const { signal } = new AbortController();
  const trace = Promise.withResolvers<FlowTrace>();
  async function* traces() {
    yield await trace.promise;
  }
  const stream = toEventStream(traces(), { clock, signal });
  const first = stream.next();
  await new Promise(setImmediate);
  assert.equal(waits[0]?.milliseconds, 15_000);
  waits[0]?.end();
  assert.equal((await first).value, ": heartbeat\n\n");
  trace.resolve(makeTrace(1));
  assert.match((await stream.next()).value ?? "", /^event: trace\ndata: \{.*\}\n\n$/);
  assert.equal((await stream.next()).value, "event: end\ndata: {}\n\n");
});

test("an abort ends the stream without the end of the flow", async () => {
  const end = new AbortController();
  const read = async () => makeTrace(1);
  const traces = followFlow({ read, changes: [], clock: eagerClock, signal: end.signal });
  const stream = toEventStream(traces, { clock: eagerClock, signal: end.signal });
  await stream.next();
  const last = stream.next();
  end.abort();
  assert.equal((await last).done, true);
});

test("an item is read whatever its chunks are", async () => {
  const bytes = new TextEncoder().encode(
    ': hello\n\nevent: trace\ndata: {"a":"ü"}\n\nevent: end\ndata: {}\n\n',
  );
  for (const size of [1, 2, 7, bytes.length]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    assert.deepEqual(await Array.fromAsync(readServerSentEvents(ReadableStream.from(chunks))), [
      { event: "trace", data: '{"a":"ü"}' },
      { event: "end", data: "{}" },
    ]);
  }
});
