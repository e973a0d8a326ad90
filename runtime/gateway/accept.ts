import { randomBytes } from "node:crypto";
import type { PipelineSpec } from "../contract/check.ts";
import { type Clock, systemClock } from "../contract/clock.ts";
import { counterShard, documentId, type EventDocument } from "../contract/documents.ts";
import { hasCode, IonError } from "../contract/errors.ts";
import type { IonEvent } from "../contract/event.ts";
import { rootId } from "../contract/ids.ts";
import { canonicalJson } from "../contract/json.ts";
import { maxEventBytes } from "../contract/limits.ts";
import type { Routes } from "../contract/routing.ts";
import type { Blobs } from "../ports/blobs.ts";
import type { Bus } from "../ports/bus.ts";
import type { Documents, Operation, Stored } from "../ports/documents.ts";
import { checkData } from "./check-data.ts";
import { InvalidEvent } from "./invalid-event.ts";
import { type Content, hashFiles, type Part, receive, storeFiles, type TakeFile } from "./receive.ts";

/** After this the sweeper looks at an event whose sender was cut off, in milliseconds. */
const sweepAfterMilliseconds = 60_000;

export interface AcceptOptions {
  /** Asked for each event: declarations may change while Ion runs. */
  readonly pipeline: () => PipelineSpec;
  readonly routes: () => Routes;
  readonly bus: Bus;
  readonly documents: Documents;
  readonly blobs: Blobs;
  /** Ends a flow in which nothing runs. MUST be safe to repeat. */
  readonly closeFlow: (correlationId: string) => Promise<void>;
  /** All files of one event together, in bytes. @default no limit */
  readonly maxUploadBytes?: number;
  readonly clock?: Clock;
}

export interface Submission {
  readonly type: string;
  readonly parts: AsyncIterable<Part>;
  /** The same key twice is one event. */
  readonly key?: string;
  readonly traceparent?: string;
}

export interface Accepted {
  readonly eventId: string;
  readonly correlationId: string;
}

/** @throws IonError `not-found` when the pipeline takes no such event from outside */
function getSource({ name, sources, events }: PipelineSpec, type: string): PipelineSpec["events"][string] {
  const declared = sources.includes(type) ? events[type] : undefined;
  if (declared !== undefined) return declared;
  const known = sources.length === 0 ? "it has none" : `its sources are ${sources.join(", ")}`;
  throw new IonError(
    "not-found",
    `event type '${type.slice(0, 100)}' is no source of pipeline '${name}': ${known}`,
  );
}

function makeEvent(id: string, time: number, { data, files }: Content, submission: Submission): IonEvent {
  const { type, traceparent } = submission;
  const event: IonEvent = {
    specversion: "1.0",
    id,
    source: "/ion/gateway",
    type,
    time: new Date(time).toISOString(),
    datacontenttype: "application/json",
    data,
    correlationid: id,
    files: files.length,
    ...(traceparent !== undefined && { traceparent }),
  };
  const bytes = Buffer.byteLength(JSON.stringify(event));
  if (bytes <= maxEventBytes) return event;
  throw new IonError(
    "limit",
    `the event has ${bytes} bytes, and at most ${maxEventBytes} are allowed: send large content as a file`,
  );
}

/** What two submissions under one key must have in common. */
const identityOf = (type: string, { data, files }: Content): string =>
  canonicalJson({ type, data, files: files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })) });

/**
 * Makes the function that takes events in: it resolves once the event is stored and on the bus.
 *
 * It throws IonError `not-found` (no such source), `invalid` (InvalidEvent with the fields, or a key
 * that was used for another event), `limit`, or `unavailable`.
 */
export function accepting(options: AcceptOptions): (submission: Submission) => Promise<Accepted> {
  const { pipeline, routes, bus, documents, blobs, closeFlow, clock = systemClock } = options;

  const findStored = (id: string) => documents.find("event", id, documentId.event(id));

  function receiveContent({ type, parts }: Submission, takeFile: TakeFile): Promise<Content> {
    const { schema, files } = getSource(pipeline(), type);
    return receive(parts, {
      checkData: (data) => checkData(type, schema, data),
      ...(!files && { noFiles: `event type '${type}' is declared without files: send its data only` }),
      takeFile,
      maxBytes: options.maxUploadBytes ?? Number.POSITIVE_INFINITY,
    });
  }

  async function write(event: IonEvent, { files }: Content): Promise<EventDocument> {
    const { id } = event;
    const { publishes, limits } = documents;
    const due = clock.now() + sweepAfterMilliseconds;
    const document: EventDocument = {
      kind: "event",
      id: documentId.event(id),
      flow: id,
      event,
      files,
      published: publishes,
      ...(!publishes && { due }),
    };
    const add = { events: 1, running: routes().route(event).length };
    const operations: readonly Operation[] = [
      { kind: "create", document },
      { kind: "count", shard: counterShard(id, limits.counterShards), add, due },
    ];
    await (publishes ? documents.batch(id, operations, [event]) : documents.batch(id, operations));
    return document;
  }

  /** Publishes what is stored, again where nobody knows whether it was: the bus ignores a repeat. */
  async function publish({ document, etag }: Stored<EventDocument>): Promise<void> {
    if (document.published === true) return;
    await bus.publish([document.event]);
    const { due: _due, ...rest } = document;
    try {
      await documents.replace({ ...rest, published: true }, etag);
    } catch {
      // Safe: the event is on the bus. Either the sweeper was here first, or it comes and publishes once more.
    }
  }

  async function closeIfIdle(event: IonEvent): Promise<void> {
    if (routes().route(event).length > 0) return;
    try {
      await closeFlow(event.correlationid);
    } catch {
      // Safe: the event is accepted, and the sweeper looks at the flow's counts when they are due.
    }
  }

  async function finish(event: IonEvent): Promise<Accepted> {
    if (!documents.publishes) {
      const stored = await findStored(event.id);
      if (stored !== undefined) await publish(stored);
    }
    await closeIfIdle(event);
    return { eventId: event.id, correlationId: event.correlationid };
  }

  async function repeat(stored: Stored<EventDocument>, type: string, content: Content): Promise<Accepted> {
    const { event, files } = stored.document;
    if (identityOf(type, content) !== identityOf(event.type, { data: event.data, files })) {
      throw new InvalidEvent(
        `the idempotency key was used for another event, '${event.id}': use a new key, or send the same type, data and files`,
      );
    }
    if (stored.document.published !== true) return finish(event);
    return { eventId: event.id, correlationId: event.correlationid };
  }

  /** Writes the event; where another submission of its key was faster, compares with that one. */
  async function commit(event: IonEvent, content: Content, discard: () => Promise<void>): Promise<Accepted> {
    try {
      await write(event, content);
    } catch (thrown) {
      // With any other code the batch may have been written: its files must stay.
      if (!hasCode(thrown, "conflict", "limit", "invalid", "not-found", "denied")) throw thrown;
      const stored = hasCode(thrown, "conflict") ? await findStored(event.id) : undefined;
      const isOurs = content.files[0]?.blob === stored?.document.files[0]?.blob;
      if (stored === undefined || !isOurs) await discard();
      if (stored === undefined) throw thrown;
      return repeat(stored, event.type, content);
    }
    return finish(event);
  }

  return async (submission) => {
    const { type, key } = submission;
    getSource(pipeline(), type);
    const id = rootId(key);
    const stored = key === undefined ? undefined : await findStored(id);
    if (stored !== undefined) return repeat(stored, type, await receiveContent(submission, hashFiles));

    const prefix = `${id}/${id}/u${randomBytes(8).toString("hex")}`;
    // Safe to fail: nothing names these blobs, and what went wrong before matters more to the sender.
    const discard = () => blobs.remove(prefix).catch(() => {});
    const prepare = async () => {
      const content = await receiveContent(submission, storeFiles(blobs, prefix));
      return { content, event: makeEvent(id, clock.now(), content, submission) };
    };
    const { content, event } = await prepare().catch(async (thrown: unknown) => {
      await discard();
      throw thrown;
    });
    return commit(event, content, discard);
  };
}
