import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import type { JsonObject } from "../contract/json.ts";

/** A file that goes with an event. */
export interface UploadFile {
  /** Relative; `/` between folders. */
  readonly path: string;
  /** Where it lies on this machine. */
  readonly source: string;
}

export interface Multipart {
  readonly contentType: string;
  readonly body: AsyncIterable<Buffer>;
}

const chunkBytes = 256 * 1024;

/** A name of any characters as an extended value. https://www.rfc-editor.org/rfc/rfc8187#section-3.2 */
function encodeName(name: string): string {
  const encoded = encodeURIComponent(name);
  return encoded.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

async function* write(
  boundary: string,
  data: JsonObject,
  files: readonly UploadFile[],
): AsyncGenerator<Buffer, void, undefined> {
  const head = (disposition: string) =>
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`);
  // The data goes first, so that the gateway checks it before a file is read.
  yield head('name="data"');
  yield Buffer.from(`${JSON.stringify(data)}\r\n`);
  for (const { path, source } of files) {
    yield head(`name="file"; filename*=UTF-8''${encodeName(path)}\r\nContent-Type: application/octet-stream`);
    yield* createReadStream(source, { highWaterMark: chunkBytes });
    yield Buffer.from("\r\n");
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}

/** Writes data and files as multipart/form-data; a file is read only as fast as it is sent. */
export function toMultipart(data: JsonObject, files: readonly UploadFile[]): Multipart {
  const boundary = randomUUID();
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: write(boundary, data, files),
  };
}
