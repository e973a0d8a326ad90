import type { Operation } from "../../runtime/ports/documents.ts";
import type { Ports } from "./memory-platform.ts";

/** Called with each write before it happens; what it throws is what the write throws. */
export type OnWrite = (write: string) => void;

const nameOf = (operation: Operation): string => {
  if (operation.kind === "count") return "count";
  return operation.kind === "remove" ? "remove" : `${operation.kind} ${operation.document.kind}`;
};

/** Tells of every write: `put <file>`, `batch create commit, count`, `publish leaf leaf`, ... */
export function watchedPorts(onWrite: OnWrite): (ports: Ports) => Ports {
  return ({ documents, blobs, bus }) => ({
    documents: {
      ...documents,
      create: async (document) => {
        onWrite(`create ${document.kind}`);
        await documents.create(document);
      },
      replace: async (document, etag) => {
        onWrite(`replace ${document.kind}`);
        await documents.replace(document, etag);
      },
      batch: async (flow, operations, events) => {
        onWrite(`batch ${operations.map(nameOf).join(", ")}`);
        await documents.batch(flow, operations, events);
      },
    },
    blobs: {
      ...blobs,
      put: async (path, source, options) => {
        onWrite(`put ${path.split("/").slice(3).join("/")}`);
        return blobs.put(path, source, options);
      },
      remove: async (prefix) => {
        onWrite(`remove ${prefix.split("/").slice(2).join("/")}`);
        await blobs.remove(prefix);
      },
    },
    bus: {
      ...bus,
      publish: async (events) => {
        onWrite(`publish ${events.map(({ type }) => type).join(" ")}`);
        await bus.publish(events);
      },
    },
  });
}

/** Ends the process, as far as the code under test can tell, at its n-th write, from 1. */
export function crashAt(point: number): { readonly onWrite: OnWrite; readonly wasReached: () => boolean } {
  let writes = 0;
  return {
    onWrite: () => {
      writes += 1;
      if (writes >= point) throw new Error(`the process ends at write ${point}`);
    },
    wasReached: () => writes >= point,
  };
}
