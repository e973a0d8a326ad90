import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  documentId,
  type EventDocument,
  type InsightDocument,
  type LogDocument,
} from "../../runtime/contract/documents.ts";
import type { Bus } from "../../runtime/ports/bus.ts";
import type { Documents, Stored } from "../../runtime/ports/documents.ts";
import { makeEvent } from "./bus-fixture.ts";

export interface MadeDocuments {
  readonly port: Documents;
  /** Where `batch` publishes. */
  readonly bus?: Bus;
  readonly close: () => Promise<void>;
  /** A restart on the same data. */
  readonly reopen?: () => Promise<Documents>;
}

export type MakeDocuments = () => MadeDocuments | Promise<MadeDocuments>;
type Case = (
  title: string,
  run: (documents: Documents, made: MadeDocuments, context: TestContext) => Promise<void>,
) => void;

/** Makes cases that each have documents of their own; what the condition refuses is skipped for its reason. */
export const documentsCase =
  (
    make: MakeDocuments,
    findReasonToSkip: (made: MadeDocuments) => string | undefined = () => undefined,
  ): Case =>
  (title, run) => {
    test(title, { timeout: 20_000 }, async (context) => {
      const made = await make();
      // After the case and not in a `finally`: a case that hangs is to end too.
      context.after(made.close);
      const reason = findReasonToSkip(made);
      if (reason === undefined) await run(made.port, made, context);
      else context.skip(reason);
    });
  };

export const makeLog = (attempt: number, fields: Partial<LogDocument> = {}): LogDocument => ({
  kind: "log",
  id: documentId.log("x", attempt),
  flow: "flow",
  executionId: "x",
  attempt,
  outcome: "succeeded",
  startedAt: 1,
  endedAt: 2,
  ...fields,
});

export const makeInsight = (
  executionId: string,
  time: number,
  fields: Partial<InsightDocument> = {},
): InsightDocument => ({
  kind: "insight",
  id: documentId.insight(executionId),
  flow: "flow",
  module: "faces",
  executionId,
  eventId: "1",
  insight: { faces: 2 },
  time,
  ...fields,
});

export const makeEventDocument = (eventId: string, fields: Partial<EventDocument> = {}): EventDocument => ({
  kind: "event",
  id: documentId.event(eventId),
  flow: "flow",
  event: makeEvent(eventId),
  files: [{ path: "a.png", blob: "flow/a.png", bytes: 3, sha256: "00" }],
  ...fields,
});

/** Begins a flow as the first event does. */
export const beginning = { kind: "count", shard: 0, add: { events: 1, running: 1 } } as const;

/** A log that has to be there. */
export async function readLog(documents: Documents, attempt: number): Promise<Stored<LogDocument>> {
  const stored = await documents.find("log", "flow", documentId.log("x", attempt));
  assert.ok(stored, `log ${attempt} isn't there`);
  return stored;
}

export async function hasLog(documents: Documents, attempt: number): Promise<boolean> {
  return (await documents.find("log", "flow", documentId.log("x", attempt))) !== undefined;
}

export async function readCounts(documents: Documents, shard = 0) {
  return (await documents.find("flow", "flow", documentId.flow(shard)))?.document.counts;
}
