import { z } from "zod";
import { memoryBlobs } from "../../runtime/adapters/memory/blobs.ts";
import { type MemoryBus, memoryBus } from "../../runtime/adapters/memory/bus.ts";
import { memoryDocuments } from "../../runtime/adapters/memory/documents.ts";
import {
  counterShard,
  type Document,
  type DocumentKind,
  type DocumentOf,
  documentId,
  type FlowCounts,
  sweepAfterMilliseconds,
  zeroCounts,
} from "../../runtime/contract/documents.ts";
import { firstEvent, flowCompleted, type IonEvent } from "../../runtime/contract/event.ts";
import { attemptKey, derivedIds, deriveId } from "../../runtime/contract/ids.ts";
import { defineModule, event, pipeline, seconds } from "../../runtime/contract/index.ts";
import type { ModuleSpec } from "../../runtime/contract/module.ts";
import { listTopics, makeRoutes } from "../../runtime/contract/routing.ts";
import { commitAttempt } from "../../runtime/job/commit.ts";
import type { JobContext } from "../../runtime/job/context.ts";
import type { Blobs } from "../../runtime/ports/blobs.ts";
import type { Bus } from "../../runtime/ports/bus.ts";
import type { DocumentLimits, Documents } from "../../runtime/ports/documents.ts";
import type { Attempt } from "../../runtime/ports/executor.ts";
import { eachItem } from "../../runtime/ports/page.ts";
import { type ManualClock, manualClock } from "../ports/manual-clock.ts";
import { makeWorkspace, type Workspace } from "./workspace.ts";

const root = event("root", z.looseObject({}));
const leaf = event("leaf", z.looseObject({}));
const unheard = event("unheard", z.looseObject({}));
const summary = event("summary", z.looseObject({}));
const retry = { attempts: 3, minDelay: seconds(1), maxDelay: seconds(60) };

const graph = pipeline(
  "tree",
  [
    defineModule({ name: "splitter", on: root, emits: [leaf, unheard], command: ["true"], retry }),
    defineModule({ name: "worker", on: leaf, command: ["true"], retry }),
    defineModule({ name: "report", on: flowCompleted, emits: [summary], command: ["true"], retry }),
    defineModule({ name: "archive", on: summary, command: ["true"], retry }),
  ],
  { sources: [root] },
).spec;

export function getModule(name: string): ModuleSpec {
  const found = graph.modules.find((module) => module.name === name);
  if (found === undefined) throw new Error(`the graph has no module '${name}'`);
  return found;
}

/** The ports as the job sees them: a test may put something in front of each. */
export interface Ports {
  readonly documents: Documents;
  readonly blobs: Blobs;
  readonly bus: Bus;
}

export interface PlatformOptions {
  readonly limits?: Partial<DocumentLimits>;
  /** @default the ports as they are */
  readonly wrap?: (ports: Ports) => Partial<Ports>;
}

export interface MemoryPlatform extends Ports {
  /** What the code under test works with: the wrapped ports. */
  readonly context: JobContext;
  readonly clock: ManualClock;
  readonly bus: MemoryBus;
  /** Writes the first event of a flow and puts it on the bus. */
  beginFlow(name?: string): Promise<IonEvent>;
  /** Commits an attempt whose module left what `write` writes. */
  commit(attempt: Attempt, write?: (workspace: Workspace) => void): Promise<void>;
  /** The documents of one kind in a flow. */
  read<Kind extends DocumentKind>(flow: string, kind: Kind): Promise<DocumentOf<Kind>[]>;
  /** The sum of a flow's counts. */
  counts(flow: string): Promise<FlowCounts>;
  /** The events that wait for a module, in their order; nothing is taken. */
  waiting(module: string): Promise<IonEvent[]>;
}

export function makeRoot(name = "flow"): IonEvent {
  return firstEvent({ id: deriveId(name), type: "root", time: "2030-01-01T00:00:00.000Z", data: {} });
}

/** One attempt of a module at an event. */
export function makeAttempt(module: string, handled: IonEvent, attempt = 1): Attempt {
  const executionId = derivedIds.execution(module, handled.id);
  return {
    key: attemptKey(executionId, attempt),
    executionId,
    attempt,
    event: handled,
    module: getModule(module),
    version: "v1",
    executionStartedAt: 0,
    interruptions: 0,
    forgiven: 0,
  };
}

/** Writes event files named `0.json`, `1.json`, ... */
export const emits =
  (count: number, type = "leaf") =>
  (workspace: Workspace): void => {
    for (let index = 0; index < count; index += 1) {
      workspace.writeEvent(`${index}.json`, { type, data: { index } });
    }
  };

/** A log in which nothing is said, and what was said to it. */
export function recordingLog() {
  const said: string[] = [];
  const say = (_fields: Readonly<Record<string, unknown>>, message: string) => void said.push(message);
  return { said, info: say, warn: say, error: say };
}

/** Every event that a module is sent, taken from the bus and given back. */
async function listWaiting(bus: MemoryBus, topic: string, module: string): Promise<IonEvent[]> {
  const subscription = { topic, module };
  const { waiting } = await bus.depth(subscription);
  const events: IonEvent[] = [];
  if (waiting === 0) return events;
  const { signal } = new AbortController();
  for await (const delivery of bus.consume(subscription, { credit: () => waiting, signal })) {
    events.push(delivery.event);
    if (events.length === waiting) break;
  }
  bus.releaseLocks();
  return events;
}

/** The whole graph on memory adapters, on a clock that stands still. */
export async function memoryPlatform({
  limits,
  wrap = () => ({}),
}: PlatformOptions = {}): Promise<MemoryPlatform> {
  const clock = manualClock();
  const ports = {
    documents: memoryDocuments(limits === undefined ? {} : { limits }),
    blobs: memoryBlobs(),
    bus: memoryBus(clock),
  };
  const topics = listTopics(graph);
  await ports.bus.ensure(topics);
  const routes = makeRoutes(topics);
  const context: JobContext = {
    ...ports,
    ...wrap(ports),
    pipeline: () => graph,
    routes: () => routes,
    ids: derivedIds,
    clock,
  };
  const { documents, bus } = ports;
  const read = async <Kind extends DocumentKind>(flow: string, kind: Kind): Promise<DocumentOf<Kind>[]> => {
    const stored = await Array.fromAsync(eachItem((page) => documents.query(flow, kind, page)));
    return stored.map(({ document }) => document);
  };
  return {
    ...ports,
    context,
    clock,
    read,
    async beginFlow(name) {
      const first = makeRoot(name);
      const { id } = first;
      const due = clock.now() + sweepAfterMilliseconds;
      const document: Document = {
        kind: "event",
        id: documentId.event(id),
        flow: id,
        event: first,
        files: [],
      };
      const shard = counterShard(id, documents.limits.counterShards);
      const add = { events: 1, running: routes.route(first).length };
      await documents.batch(id, [
        { kind: "create", document },
        { kind: "count", shard, add, due },
      ]);
      await bus.publish([first]);
      return first;
    },
    async commit(attempt, write = () => {}) {
      using workspace = makeWorkspace();
      write(workspace);
      const { signal } = new AbortController();
      await commitAttempt(context, attempt, workspace.folder, { startedAt: clock.now() }, signal);
    },
    async counts(flow) {
      const sum = { ...zeroCounts };
      for (const { counts } of await read(flow, "flow")) {
        for (const key of Object.keys(sum) as (keyof FlowCounts)[]) sum[key] += counts[key];
      }
      return sum;
    },
    waiting: (module) => listWaiting(bus, getModule(module).on[0]?.type ?? "", module),
  };
}
