import { documentId, type StageDocument } from "../contract/documents.ts";
import type { FileReference, IonEvent } from "../contract/event.ts";
import type { Documents } from "../ports/documents.ts";
import type { Attempt } from "../ports/executor.ts";
import type { JobContext } from "./context.ts";
import type { Output } from "./inspect.ts";

/** An event about to be, with its files. */
export type Child = StageDocument["children"][number];

/** Bytes of what one `stage` document holds; half of what a document may have leaves room for what JSON adds. */
const stageBytes = 1024 * 1024;

/** Makes the events that an attempt's output asks for; their ids derive from the execution and the event file's name. */
export function makeChildren(
  { ids, clock }: Pick<JobContext, "ids" | "clock">,
  { event, module, executionId }: Attempt,
  outputs: Output["children"],
  files: ReadonlyMap<string, FileReference>,
): Child[] {
  const time = new Date(clock.now()).toISOString();
  return outputs.map((output) => ({
    event: {
      specversion: "1.0",
      id: ids.child(executionId, output.name),
      source: `/ion/${module.name}`,
      type: output.type,
      time,
      datacontenttype: "application/json",
      data: output.data,
      correlationid: event.correlationid,
      parentid: event.id,
      files: output.files.length,
      ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
      ...(event.afterflow && { afterflow: true }),
    } satisfies IonEvent,
    files: output.files.map((path) => files.get(path)).filter((file) => file !== undefined),
  }));
}

/** Cuts a list into parts of at most `stageBytes`, or of one item. */
function* cut<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  let part: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item));
    if (part.length > 0 && bytes + size > stageBytes) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(item);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

/**
 * Writes what a manifest is too small for, ahead of it: children and file list, some hundred in a
 * document. Nobody reads them until the manifest names the attempt.
 *
 * @returns how many `stage` documents there are
 */
export async function stageManifest(
  documents: Documents,
  { event, executionId, attempt }: Attempt,
  children: readonly Child[],
  files: readonly FileReference[],
): Promise<number> {
  const flow = event.correlationid;
  let stages = 0;
  const stage = async (content: Pick<StageDocument, "children" | "files">) => {
    const id = documentId.stage(executionId, attempt, stages);
    await documents.batch(flow, [{ kind: "put", document: { kind: "stage", id, flow, ...content } }]);
    stages += 1;
  };
  for (const part of cut(children)) await stage({ children: part, files: [] });
  for (const part of cut(files)) await stage({ children: [], files: part });
  return stages;
}
