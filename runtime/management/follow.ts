import type { Clock } from "../contract/clock.ts";
import { latch } from "../ports/latch.ts";
import type { FlowTrace } from "./api.ts";
import { formatServerSentEvent, heartbeat } from "./server-sent-events.ts";

/** Between two traces of a flow, at least, in milliseconds. */
const minPauseMilliseconds = 100;

/** A large flow takes long to read: reading may take this part of the time, so that following slows nothing else. */
const readingShare = 0.2;

const heartbeatMilliseconds = 15_000;

export interface FollowOptions {
  /** Reads the flow as it is. */
  readonly read: () => Promise<FlowTrace>;
  /** Say that it may have changed. */
  readonly changes: readonly AsyncIterable<void>[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Whether nothing more happens by itself. */
const hasEnded = ({ state, counts }: FlowTrace): boolean => state === "completed" && counts.trailing === 0;

function wakeOn(
  changes: readonly AsyncIterable<void>[],
  wake: () => void,
  fail: (thrown: unknown) => void,
): void {
  for (const each of changes) {
    const drain = async () => {
      for await (const _ of each) wake();
    };
    drain().catch(fail);
  }
}

/** The flow now and after each change, at most ten times a second, until it has completed. */
export async function* followFlow({
  read,
  changes,
  clock,
  signal,
}: FollowOptions): AsyncGenerator<FlowTrace> {
  const changed = latch();
  let failure: unknown;
  wakeOn(changes, changed.wake, (thrown) => {
    failure = thrown;
    changed.wake();
  });
  changed.wake();
  let last = "";
  for await (const _ of changed.items(signal)) {
    if (failure !== undefined) throw failure;
    const began = clock.now();
    const trace = await read();
    const text = JSON.stringify(trace);
    if (text !== last) yield trace;
    last = text;
    if (hasEnded(trace)) return;
    const spent = clock.now() - began;
    await clock.wait(Math.max(minPauseMilliseconds, spent / readingShare), signal);
  }
}

/** The same as a `text/event-stream`, with a sign of life while nothing happens. */
export async function* toEventStream(
  traces: AsyncIterable<FlowTrace>,
  { clock, signal }: Pick<FollowOptions, "clock" | "signal">,
): AsyncGenerator<string, void, undefined> {
  const iterator = traces[Symbol.asyncIterator]();
  let next = iterator.next();
  while (!signal.aborted) {
    const waited = new AbortController();
    const silence = clock.wait(heartbeatMilliseconds, waited.signal).then(() => "silence" as const);
    const first = await Promise.race([next, silence]);
    waited.abort();
    if (first === "silence") {
      yield heartbeat;
      continue;
    }
    if (first.done === true) {
      if (!signal.aborted) yield formatServerSentEvent("end", "{}");
      return;
    }
    yield formatServerSentEvent("trace", JSON.stringify(first.value));
    next = iterator.next();
  }
}
