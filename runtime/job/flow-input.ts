import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import {
  type DocumentKind,
  type DocumentOf,
  documentId,
  type EventDocument,
  type ExecutionDocument,
  type InsightDocument,
} from "../contract/documents.ts";
import { flowCompleted } from "../contract/event.ts";
import { type FlowInput, workspacePaths } from "../contract/workspace.ts";
import type { Blobs } from "../ports/blobs.ts";
import type { Documents } from "../ports/documents.ts";
import type { Attempt } from "../ports/executor.ts";
import { bringFiles } from "./bring-files.ts";

const pageSize = 100;
const executionPrefix = documentId.execution("");

async function* eachPage<Kind extends DocumentKind>(
  documents: Documents,
  flow: string,
  kind: Kind,
  signal: AbortSignal,
): AsyncGenerator<DocumentOf<Kind>[]> {
  let after: string | undefined;
  do {
    signal.throwIfAborted();
    const page = await documents.query(flow, kind, { size: pageSize, ...(after !== undefined && { after }) });
    yield page.items.map(({ document }) => document);
    after = page.next;
  } while (after !== undefined);
}

type InputEvent = FlowInput["events"][number];
type InputExecution = FlowInput["executions"][number];
type InputInsight = FlowInput["insights"][number];

function toEvent({ event, files }: EventDocument, joins: readonly string[]): InputEvent {
  const { id, type, source, parentid, time, data } = event;
  const local = (path: string) =>
    joins.includes(type) ? { local: `${workspacePaths.inputFiles}/${id}/${path}` } : {};
  return {
    id,
    type,
    source,
    ...(parentid !== undefined && { parentid }),
    time,
    data,
    files: files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256, ...local(path) })),
  };
}

function toExecution({ id, module, eventId, phase, attempt, error }: ExecutionDocument): InputExecution {
  const message = error === undefined ? {} : { error: error.message };
  return { id: id.slice(executionPrefix.length), module, eventId, phase, attempt, ...message };
}

function toInsight({ eventId, executionId, module, insight }: InsightDocument): InputInsight {
  return { eventId, executionId, module, insight };
}

/** Brings the files of the events that the module joins, below a folder of each event's own. */
async function bringJoined(
  { module }: Attempt,
  page: readonly EventDocument[],
  workspace: string,
  blobs: Blobs,
  signal: AbortSignal,
): Promise<void> {
  const files = page
    .filter(({ event }) => module.joins.includes(event.type))
    .flatMap((document) => document.files.map((file) => ({ ...file, folder: document.event.id })));
  await bringFiles(files, join(workspace, workspacePaths.inputFiles), blobs, signal);
}

/** Writes one array of the file, a page at a time: a flow of 10,000 events is never in memory whole. */
async function writeArray<Item>(
  file: number,
  name: keyof FlowInput,
  pages: AsyncIterable<readonly Item[]>,
): Promise<void> {
  writeSync(file, `,\n${JSON.stringify(name)}:[`);
  let separator = "\n";
  for await (const page of pages) {
    if (page.length === 0) continue;
    writeSync(file, separator + page.map((item) => JSON.stringify(item)).join(",\n"));
    separator = ",\n";
  }
  writeSync(file, "]");
}

/**
 * Writes `in/flow.json` for a module on `ion.flow_completed`: the whole tree up to the flow's end,
 * without what that end causes, so that every module that joins the flow sees the same.
 *
 * @throws IonError as `bringFiles` does
 */
export async function writeFlowInput(
  attempt: Attempt,
  workspace: string,
  { documents, blobs }: { readonly documents: Documents; readonly blobs: Blobs },
  signal: AbortSignal,
): Promise<void> {
  const { event, module } = attempt;
  const flow = event.correlationid;
  const file = openSync(join(workspace, workspacePaths.flow), "wx");
  const later = new Set<string>();
  let startedAt = event.time;

  async function* executions(): AsyncGenerator<InputExecution[]> {
    for await (const page of eachPage(documents, flow, "execution", signal)) {
      const inside = page.map((document) => ({ document, input: toExecution(document) }));
      for (const { document, input } of inside) if (document.afterflow) later.add(input.id);
      yield inside.filter(({ document }) => !document.afterflow).map(({ input }) => input);
    }
  }
  async function* insights(): AsyncGenerator<InputInsight[]> {
    for await (const page of eachPage(documents, flow, "insight", signal)) {
      yield page.filter(({ executionId }) => !later.has(executionId)).map(toInsight);
    }
  }
  async function* events(): AsyncGenerator<InputEvent[]> {
    for await (const page of eachPage(documents, flow, "event", signal)) {
      const inside = page.filter((each) => !each.event.afterflow && each.event.type !== flowCompleted.type);
      for (const { event: each } of inside) {
        if (Date.parse(each.time) < Date.parse(startedAt)) startedAt = each.time;
      }
      await bringJoined(attempt, inside, workspace, blobs, signal);
      yield inside.map((document) => toEvent(document, module.joins));
    }
  }

  try {
    const { events: count, succeeded, failed } = event.data;
    const head = {
      correlationId: flow,
      completedAt: event.time,
      counts: { events: count, succeeded, failed },
    };
    writeSync(file, JSON.stringify(head).slice(0, -1));
    await writeArray(file, "executions", executions());
    await writeArray(file, "insights", insights());
    await writeArray(file, "events", events());
    writeSync(file, `,\n"startedAt":${JSON.stringify(startedAt)}}\n`);
  } finally {
    closeSync(file);
  }
}
