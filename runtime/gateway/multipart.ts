import { Readable } from "node:stream";
import type { Multipart, MultipartFile, MultipartValue } from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { IonError } from "../contract/errors.ts";
import { isJsonObject, type JsonObject } from "../contract/json.ts";
import type { Part } from "./receive.ts";

/** Files of one event: their references must fit into its document. */
const maxFiles = 1_000;

/** What the parser is given; by itself it would cut files at 1 MiB and names to their last part. */
export function multipartOptions(maxDataBytes: number) {
  return {
    preservePath: true,
    limits: {
      fileSize: Number.POSITIVE_INFINITY,
      files: maxFiles,
      fields: 8,
      parts: maxFiles + 8,
      fieldSize: maxDataBytes,
      headerPairs: 32,
    },
  };
}

function parseData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new IonError("invalid", "field 'data' is not JSON: send the event's data as one JSON object", {
      cause,
    });
  }
}

function readData({ fieldname, value, valueTruncated }: MultipartValue, maxDataBytes: number): JsonObject {
  if (fieldname !== "data") {
    const name = fieldname.slice(0, 100);
    throw new IonError(
      "invalid",
      `field '${name}' is not known: send the event's data as JSON in field 'data'`,
    );
  }
  if (valueTruncated) {
    throw new IonError(
      "limit",
      `field 'data' has more than ${maxDataBytes} bytes: send large content as a file`,
    );
  }
  const data = typeof value === "string" ? parseData(value) : value;
  if (isJsonObject(data)) return data;
  throw new IonError("invalid", 'field \'data\' must be a JSON object, such as {"url": "https://…"}');
}

/** A file's bytes, in which a broken upload is told apart from a store that fails. */
async function* bytesOf({ file }: MultipartFile, path: string): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const chunk of file as AsyncIterable<Buffer>) yield chunk;
  } catch (cause) {
    throw new IonError(
      "invalid",
      `the upload breaks off inside file '${path.slice(0, 200)}': send it again`,
      {
        cause,
      },
    );
  }
}

function toPart(part: Multipart, maxDataBytes: number): Part {
  if (part.type === "field") return { kind: "data", data: readData(part, maxDataBytes) };
  const { filename }: { filename: string | undefined } = part;
  if (filename === undefined) {
    throw new IonError(
      "invalid",
      `the file in field '${part.fieldname.slice(0, 100)}' has no name: add filename="…" to its content-disposition`,
    );
  }
  return {
    kind: "file",
    path: filename,
    stream: Readable.from(bytesOf(part, filename), { objectMode: false }),
  };
}

function explain(thrown: unknown): unknown {
  if (thrown instanceof IonError) return thrown;
  const isLimit = thrown instanceof Error && "statusCode" in thrown && thrown.statusCode === 413;
  if (isLimit) {
    return new IonError("limit", `the form has too many parts: at most ${maxFiles} files are allowed`, {
      cause: thrown,
    });
  }
  return new IonError("invalid", "the multipart body is broken or breaks off: send it again", {
    cause: thrown,
  });
}

/** The parts of a form, in the order they arrive. What comes after an error is read and dropped, so that the sender gets to see the answer. */
export async function* readParts(
  request: FastifyRequest,
  maxDataBytes: number,
): AsyncGenerator<Part, void, undefined> {
  const parts = request.parts();
  try {
    while (true) {
      const next = await parts.next().catch((thrown: unknown) => {
        throw explain(thrown);
      });
      if (next.done === true) return;
      yield toPart(next.value, maxDataBytes);
    }
  } finally {
    if (!request.raw.readableEnded) {
      request.raw.unpipe();
      request.raw.resume();
    }
  }
}
