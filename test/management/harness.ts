import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { memoryBlobs } from "../../runtime/adapters/memory/blobs.ts";
import { memoryBus } from "../../runtime/adapters/memory/bus.ts";
import { memoryDocuments } from "../../runtime/adapters/memory/documents.ts";
import type { Clock } from "../../runtime/contract/clock.ts";
import {
  type CommitDocument,
  documentId,
  type ExecutionDocument,
  type FlowCounts,
  type LogDocument,
} from "../../runtime/contract/documents.ts";
import { IonError } from "../../runtime/contract/errors.ts";
import {
  type FileReference,
  firstEvent,
  flowCompleted,
  type IonEvent,
} from "../../runtime/contract/event.ts";
import { derivedIds } from "../../runtime/contract/ids.ts";
import { defineModule, event, pipeline } from "../../runtime/contract/index.ts";
import type { JsonObject } from "../../runtime/contract/json.ts";
import { listTopics, makeRoutes } from "../../runtime/contract/routing.ts";
import { httpServer } from "../../runtime/gateway/server.ts";
import { noProgress } from "../../runtime/management/progress.ts";
import { type ManagementOptions, management } from "../../runtime/management/routes.ts";
import type { Blobs } from "../../runtime/ports/blobs.ts";
import type { Bus, DeadLetter } from "../../runtime/ports/bus.ts";
import type { Documents } from "../../runtime/ports/documents.ts";

const film = event("film", z.object({}));
const frame = event("frame", z.object({}));

export const studio = pipeline(
  "studio",
  [
    defineModule({ name: "cutter", on: film, emits: [frame], command: ["true"], version: "v1" }),
    defineModule({ name: "viewer", on: [film, frame], command: ["true"] }),
    defineModule({ name: "report", on: flowCompleted, command: ["true"] }),
  ],
  { sources: [film] },
).spec;

export const start = Date.parse("2026-01-31T12:00:00.000Z");
export const rootId = "11111111-1111-8111-8111-111111111111";

/** Time that passes only when somebody waits for it, and then at once. */
export const eagerClock: Clock = {
  now: () => start,
  wait: (milliseconds, signal) =>
    // A heartbeat is for silence, which no test waits for.
    milliseconds > 1_000
      ? new Promise((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }))
      : new Promise((resolve) => setImmediate(resolve)),
};

export function makeEvent(type: string, id = rootId, more: Partial<IonEvent> = {}): IonEvent {
  return {
    ...firstEvent({ id, type, time: new Date(start).toISOString(), data: {} }),
    correlationid: rootId,
    ...more,
  };
}

export const executionOf = (module: string, eventId = rootId): string =>
  derivedIds.execution(module, eventId);

export function makeExecution(
  module: string,
  more: Partial<ExecutionDocument> = {},
  eventId = rootId,
): ExecutionDocument {
  const id = documentId.execution(executionOf(module, eventId));
  const times = { startedAt: start, attemptStartedAt: start };
  const counts = { attempt: 1, interruptions: 0, forgiven: 0 };
  return {
    kind: "execution",
    id,
    flow: rootId,
    module,
    version: "v1",
    eventId,
    phase: "running",
    ...times,
    ...counts,
    ...more,
  };
}

export function makeCommit(
  module: string,
  more: Partial<CommitDocument> = {},
  eventId = rootId,
): CommitDocument {
  const executionId = executionOf(module, eventId);
  const children = { children: [], stages: 0, childCount: 0, files: [] };
  const id = documentId.commit(executionId);
  return {
    kind: "commit",
    id,
    flow: rootId,
    outcome: "succeeded",
    executionId,
    attempt: 1,
    published: true,
    ...children,
    ...more,
  };
}

export function makeLog(module: string, attempt: number, outcome: LogDocument["outcome"]): LogDocument {
  const executionId = executionOf(module);
  const failure = { code: "exit-code", message: "exit 1: no moov", permanent: false } as const;
  return {
    kind: "log",
    id: documentId.log(executionId, attempt),
    flow: rootId,
    executionId,
    attempt,
    outcome,
    ...(outcome === "failed" && { error: failure }),
    startedAt: start,
    endedAt: start + 1_000,
  };
}

export interface Harness {
  readonly server: FastifyInstance;
  readonly bus: Bus;
  readonly documents: Documents;
  readonly blobs: Blobs;
  readonly replayed: DeadLetter[];
  /** Attempt key -> what it printed. */
  readonly printed: Map<string, string>;
  /** The first event of a flow, and what is counted. */
  beginFlow(counts?: Partial<FlowCounts>, files?: readonly FileReference[], data?: JsonObject): Promise<void>;
  /** Makes dead letters of everything that waits for a module. */
  setAside(module: string, topic: string, count: number, code?: string): Promise<void>;
}

/** The management API on memory adapters. */
export async function startManagement(options: Partial<ManagementOptions> = {}): Promise<Harness> {
  const bus = memoryBus();
  await bus.ensure(listTopics(studio));
  const documents = memoryDocuments();
  const blobs = memoryBlobs();
  const replayed: DeadLetter[] = [];
  const printed = new Map<string, string>();
  const server = httpServer();
  await server.register(management, {
    bus,
    documents,
    blobs,
    pipeline: () => studio,
    routes: () => makeRoutes(listTopics(studio)),
    progress: noProgress,
    clock: eagerClock,
    executor: {
      logs: async (key) => {
        const text = printed.get(key);
        if (text === undefined) throw new IonError("not-found", `there is no log of attempt '${key}'`);
        return Readable.from([text], { objectMode: false });
      },
    },
    replay: async (letter) => {
      await bus.deadLetters(letter.subscription).resubmit(letter.event.id);
      replayed.push(letter);
    },
    ...options,
  });
  await server.ready();
  return {
    server,
    bus,
    documents,
    blobs,
    replayed,
    printed,
    beginFlow: async (counts = {}, files = [], data = {}) => {
      const root = makeEvent("film", rootId, { files: files.length, data });
      await documents.batch(rootId, [
        {
          kind: "create",
          document: { kind: "event", id: documentId.event(rootId), flow: rootId, event: root, files },
        },
        { kind: "count", shard: 0, add: { events: 1, ...counts } },
      ]);
    },
    setAside: async (module, topic, count, code = "exit-code") => {
      const end = new AbortController();
      let left = count;
      const deliveries = bus.consume({ topic, module }, { credit: () => left, signal: end.signal });
      for await (const delivery of deliveries) {
        await delivery.deadLetter({ code, description: "exit 1: no moov" });
        left -= 1;
        if (left === 0) break;
      }
      end.abort();
    },
  };
}

export const idOf = (index: number): string => `00000000-0000-8000-8000-${String(index).padStart(12, "0")}`;
