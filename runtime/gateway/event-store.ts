import type { Clock } from "../contract/clock.ts";
import {
  counterShard,
  documentId,
  type EventDocument,
  sweepAfterMilliseconds,
} from "../contract/documents.ts";
import type { FileReference, IonEvent } from "../contract/event.ts";
import type { Bus } from "../ports/bus.ts";
import type { Documents, Operation, Stored } from "../ports/documents.ts";

export interface EventStoreOptions {
  readonly documents: Documents;
  readonly bus: Bus;
  readonly clock: Clock;
}

/** Keeps flows' first events, and brings them onto the bus. */
export interface EventStore {
  find(id: string): Promise<Stored<EventDocument> | undefined>;
  /** Begins a flow in one batch, which publishes the event too where it can. @throws IonError `conflict` when the event is there */
  write(event: IonEvent, files: readonly FileReference[], executions: number): Promise<void>;
  /** Publishes a stored event that nobody knows to be on the bus; the bus ignores a repeat. */
  publish(id: string): Promise<void>;
}

export function eventStore({ documents, bus, clock }: EventStoreOptions): EventStore {
  const { publishes, limits } = documents;
  const find = (id: string) => documents.find("event", id, documentId.event(id));
  return {
    find,
    async write(event, files, executions) {
      const { id } = event;
      const due = clock.now() + sweepAfterMilliseconds;
      const base = { kind: "event", id: documentId.event(id), flow: id, event, files } as const;
      const document = publishes ? { ...base, published: true } : { ...base, published: false, due };
      const operations: readonly Operation[] = [
        { kind: "create", document },
        {
          kind: "count",
          shard: counterShard(id, limits.counterShards),
          add: { events: 1, running: executions },
          due,
        },
      ];
      await documents.batch(id, operations, publishes ? [event] : []);
    },
    async publish(id) {
      const stored = await find(id);
      if (stored === undefined || stored.document.published === true) return;
      const { due: _due, ...document } = stored.document;
      await bus.publish([document.event]);
      try {
        await documents.replace({ ...document, published: true }, stored.etag);
      } catch {
        // Safe: the event is on the bus. Either the sweeper was here first, or it comes and publishes once more.
      }
    },
  };
}
