import { randomBytes } from "node:crypto";
import type { PipelineSpec } from "../contract/check.ts";
import { type Clock, systemClock } from "../contract/clock.ts";
import type { EventDocument } from "../contract/documents.ts";
import { hasCode } from "../contract/errors.ts";
import type { IonEvent } from "../contract/event.ts";
import { rootId } from "../contract/ids.ts";
import type { Routes } from "../contract/routing.ts";
import type { Blobs } from "../ports/blobs.ts";
import type { Bus } from "../ports/bus.ts";
import type { Documents, Stored } from "../ports/documents.ts";
import { checkData } from "./check-data.ts";
import { eventStore } from "./event-store.ts";
import { InvalidEvent } from "./invalid-event.ts";
import { getSource, identityOf, makeEvent } from "./make-event.ts";
import { type Content, hashFiles, type Part, receive, storeFiles, type TakeFile } from "./receive.ts";

export interface AcceptOptions {
  /** Asked for each event: declarations may change while Ion runs. */
  readonly pipeline: () => PipelineSpec;
  readonly routes: () => Routes;
  readonly bus: Bus;
  readonly documents: Documents;
  readonly blobs: Blobs;
  /** Ends a flow in which nothing runs. MUST be safe to repeat. */
  readonly closeFlow: (correlationId: string) => Promise<unknown>;
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

/**
 * Makes the function that takes events in: it resolves once the event is stored and on the bus.
 *
 * It throws IonError `not-found` (no such source), `invalid` (InvalidEvent with the fields, or a key
 * that was used for another event), `limit`, or `unavailable`.
 */
export function accepting(options: AcceptOptions): (submission: Submission) => Promise<Accepted> {
  const { pipeline, routes, blobs, closeFlow, clock = systemClock } = options;
  const store = eventStore({ ...options, clock });

  function receiveContent({ type, parts }: Submission, takeFile: TakeFile): Promise<Content> {
    const { schema, files } = getSource(pipeline(), type);
    return receive(parts, {
      checkData: (data) => checkData(type, schema, data),
      ...(!files && { noFiles: `event type '${type}' is declared without files: send its data only` }),
      takeFile,
      maxBytes: options.maxUploadBytes ?? Number.POSITIVE_INFINITY,
    });
  }

  async function closeIfIdle(event: IonEvent): Promise<void> {
    if (routes().route(event).length > 0) return;
    try {
      await closeFlow(event.correlationid);
    } catch {
      // Safe: the event is accepted, and the sweeper looks at the flow's counts when they are due.
    }
  }

  async function finish(event: IonEvent, isPublished: boolean): Promise<Accepted> {
    if (!isPublished) await store.publish(event.id);
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
    if (stored.document.published !== true) return finish(event, false);
    return { eventId: event.id, correlationId: event.correlationid };
  }

  /** Writes the event; where another submission of its key was faster, compares with that one. */
  async function commit(event: IonEvent, content: Content, discard: () => Promise<void>): Promise<Accepted> {
    try {
      await store.write(event, content.files, routes().route(event).length);
    } catch (thrown) {
      // With any other code the batch may have been written: its files must stay.
      if (!hasCode(thrown, "conflict", "limit", "invalid", "not-found", "denied")) throw thrown;
      const stored = hasCode(thrown, "conflict") ? await store.find(event.id) : undefined;
      const isOurs = content.files[0]?.blob === stored?.document.files[0]?.blob;
      if (stored === undefined || !isOurs) await discard();
      if (stored === undefined) throw thrown;
      return repeat(stored, event.type, content);
    }
    return finish(event, options.documents.publishes);
  }

  return async (submission) => {
    const { type, key } = submission;
    getSource(pipeline(), type);
    const id = rootId(key);
    const stored = key === undefined ? undefined : await store.find(id);
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
