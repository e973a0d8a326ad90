import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { memoryBlobs } from "../../runtime/adapters/memory/blobs.ts";
import { memoryBus } from "../../runtime/adapters/memory/bus.ts";
import { memoryDocuments } from "../../runtime/adapters/memory/documents.ts";
import type { PipelineSpec } from "../../runtime/contract/check.ts";
import { documentId, type EventDocument } from "../../runtime/contract/documents.ts";
import { IonError } from "../../runtime/contract/errors.ts";
import type { IonEvent } from "../../runtime/contract/event.ts";
import { defineModule, event, pipeline } from "../../runtime/contract/index.ts";
import { listTopics, makeRoutes } from "../../runtime/contract/routing.ts";
import { type GatewayOptions, gateway } from "../../runtime/gateway/gateway.ts";
import { httpServer } from "../../runtime/gateway/server.ts";
import type { Blobs } from "../../runtime/ports/blobs.ts";
import type { Bus } from "../../runtime/ports/bus.ts";
import type { Documents } from "../../runtime/ports/documents.ts";

const newLink = event("frontapi.new_link", z.strictObject({ url: z.url() }));
const film = event(
  "film",
  z.object({ kind: z.enum(["video", "image"]).optional(), seconds: z.int().optional() }),
);
const note = event("note", z.object({ text: z.string().optional() }), { files: false });
const unheard = event("unheard", z.object({}));

export const media: PipelineSpec = pipeline(
  "media",
  [
    defineModule({ name: "downloader", on: newLink, command: ["true"] }),
    defineModule({ name: "viewer", on: [film.where({ kind: "video" }), note], command: ["true"] }),
  ],
  { sources: [newLink, film, note, unheard] },
).spec;

export interface Harness {
  readonly server: FastifyInstance;
  readonly bus: Bus;
  readonly documents: Documents;
  readonly blobs: Blobs;
  /** Events in the order they were published, repeats included. */
  readonly published: IonEvent[];
  readonly closed: string[];
  /** The next publishing fails. */
  breakBus(): void;
  listBlobs(): Promise<string[]>;
  /** Everything that a request could have changed. */
  readState(): Promise<{ flows: readonly string[]; blobs: string[]; published: number }>;
  getEvent(id: string): Promise<EventDocument>;
}

export interface HarnessOptions extends Partial<GatewayOptions> {
  readonly token?: string;
  readonly spec?: PipelineSpec;
}

/** The gateway on memory adapters, watched. */
export async function startGateway(options: HarnessOptions = {}): Promise<Harness> {
  const { token, spec = media } = options;
  const inner = memoryBus();
  await inner.ensure(listTopics(spec));
  const published: IonEvent[] = [];
  const closed: string[] = [];
  let isBroken = false;
  const bus: Bus = {
    ...inner,
    async publish(events) {
      if (isBroken) {
        isBroken = false;
        throw new IonError("unavailable", "the bus is away");
      }
      await inner.publish(events);
      published.push(...events);
    },
  };
  const documents = options.documents ?? memoryDocuments();
  const blobs = options.blobs ?? memoryBlobs();
  const server = httpServer(token === undefined ? {} : { token });
  await server.register(gateway, {
    pipeline: () => spec,
    routes: () => makeRoutes(listTopics(spec)),
    closeFlow: async (flow) => void closed.push(flow),
    ...options,
    bus,
    documents,
    blobs,
  });
  await server.ready();
  const listBlobs = async () => (await Array.fromAsync(blobs.list(""))).map(({ path }) => path);
  return {
    server,
    bus,
    documents,
    blobs,
    published,
    closed,
    breakBus: () => {
      isBroken = true;
    },
    listBlobs,
    readState: async () => ({
      flows: (await documents.flows()).items,
      blobs: await listBlobs(),
      published: published.length,
    }),
    getEvent: async (id) => {
      const stored = await documents.find("event", id, documentId.event(id));
      if (stored === undefined) throw new Error(`there is no event ${id}`);
      return stored.document;
    },
  };
}

/** One part of a form: a field, or a file when it has a file name. */
export interface FormPart {
  readonly name: string;
  readonly value: string;
  readonly filename?: string;
  readonly type?: string;
}

/** A multipart body, byte for byte. */
export function form(parts: readonly FormPart[], end = "--X--\r\n") {
  const text = parts.map(({ name, value, filename, type }) => {
    const file = filename === undefined ? "" : `; filename="${filename}"`;
    const contentType = type === undefined ? "" : `content-type: ${type}\r\n`;
    return `--X\r\ncontent-disposition: form-data; name="${name}"${file}\r\n${contentType}\r\n${value}\r\n`;
  });
  return {
    headers: { "content-type": "multipart/form-data; boundary=X" },
    payload: `${text.join("")}${end}`,
  };
}
