import { setTimeout as delay } from "node:timers/promises";
import type { DataPorts } from "../../runtime/main/platform.ts";
import type { Delivery } from "../../runtime/ports/bus.ts";
import type { Documents, Operation } from "../../runtime/ports/documents.ts";
import type { Attempt, Executor, Transition } from "../../runtime/ports/executor.ts";
import type { FaultSettings } from "./settings.ts";

/** Runs a write, with whatever is to happen before and after it. */
export type Around = <Result>(write: () => Promise<Result>) => Promise<Result>;

/** Counts writes, kills the process at the one asked for, and makes each call take a while. */
export function faultyWrites({ failpoint, latencyMilliseconds = 0 }: FaultSettings): {
  around: Around;
  count: () => number;
} {
  let writes = 0;
  const dieAt = (write: number, when: "before" | "after") => {
    if (failpoint?.write === write && failpoint.when === when) process.kill(process.pid, "SIGKILL");
  };
  const linger = () =>
    latencyMilliseconds > 0 ? delay(Math.random() * latencyMilliseconds) : Promise.resolve();
  return {
    count: () => writes,
    around: async (write) => {
      writes += 1;
      const number = writes;
      await linger();
      dieAt(number, "before");
      const result = await write();
      dieAt(number, "after");
      await linger();
      return result;
    },
  };
}

/** A commit that overwrites: what create-only protects from. */
const overwrite = (operation: Operation): Operation =>
  operation.kind === "create" && (operation.document.kind === "commit" || operation.document.kind === "event")
    ? { kind: "put", document: operation.document }
    : operation;

function breakDocuments(
  documents: Documents,
  around: Around,
  { without, operations, deathsAfterBatch = 0 }: FaultSettings,
): Documents {
  const change = without === "create-only" ? overwrite : (operation: Operation) => operation;
  return {
    ...documents,
    limits: { ...documents.limits, operations: operations ?? documents.limits.operations },
    create: (document) => around(() => documents.create(document)),
    replace: (document, etag) => around(() => documents.replace(document, etag)),
    batch: (flow, list, events) =>
      around(async () => {
        await documents.batch(flow, list.map(change), events);
        if (Math.random() < deathsAfterBatch) process.kill(process.pid, "SIGKILL");
      }),
  };
}

function breakDelivery(delivery: Delivery, around: Around): Delivery {
  return {
    ...delivery,
    complete: () => around(() => delivery.complete()),
    retry: (after, reason) => around(() => delivery.retry(after, reason)),
    deadLetter: (reason) => around(() => delivery.deadLetter(reason)),
  };
}

/** Puts the faults in front of the data ports. */
export function breakPorts(
  { bus, documents, blobs }: DataPorts,
  around: Around,
  settings: FaultSettings,
): DataPorts {
  return {
    documents: breakDocuments(documents, around, settings),
    bus: {
      ...bus,
      publish: (events) => around(() => bus.publish(events)),
      consume: async function* (subscription, options) {
        for await (const delivery of bus.consume(subscription, options))
          yield breakDelivery(delivery, around);
      },
    },
    blobs: { ...blobs, put: (path, source, options) => around(() => blobs.put(path, source, options)) },
  };
}

/** An executor that sometimes says a run is lost while it goes on: a node that is cut off but lives. */
export function lyingExecutor(executor: Executor, share: number): Executor {
  const lies = new Set<string>();
  const listeners = new Set<(transition: Transition) => void>();
  return {
    ...executor,
    async submit(attempt: Attempt) {
      await executor.submit(attempt);
      if (Math.random() >= share) return;
      lies.add(attempt.key);
      queueMicrotask(() => {
        for (const tell of listeners)
          tell({ key: attempt.key, state: "lost", reason: "its node doesn't answer" });
      });
    },
    async *watch(signal) {
      const queue: Transition[] = [];
      let wake = () => {};
      const tell = (transition: Transition) => {
        queue.push(transition);
        wake();
      };
      listeners.add(tell);
      const forward = async () => {
        for await (const transition of executor.watch(signal))
          if (!lies.has(transition.key)) tell(transition);
      };
      const forwarded = forward().finally(() => wake());
      signal.addEventListener("abort", () => wake(), { once: true });
      while (!signal.aborted) {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) yield next;
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (queue.length > 0 || signal.aborted) resolve();
        });
      }
      listeners.delete(tell);
      await forwarded;
    },
  };
}
