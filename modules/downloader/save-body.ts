import { createWriteStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import { PassThrough, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { PermanentError } from "ion/kit";

export interface SaveOptions {
  /** Bytes of the file; more is refused. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Called with the fraction that has come, where the server said how much there is. */
  readonly onProgress: (fraction: number) => void;
}

const decoders: Readonly<Record<string, () => Transform>> = {
  identity: () => new PassThrough(),
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

function makeDecoder(encoding: string): Transform {
  const make = decoders[encoding.trim().toLowerCase()];
  if (make !== undefined) return make();
  throw new PermanentError(`the server sends the file encoded as '${encoding}', which can't be decoded`);
}

const refuseSize = (maxBytes: number): PermanentError =>
  new PermanentError(`the file is larger than MAX_BYTES, ${maxBytes} bytes: raise it or send a smaller file`);

/** Passes a body on and notices when not all of it came. */
async function* receive(
  body: AsyncIterable<Buffer>,
  expected: number | undefined,
  onProgress: SaveOptions["onProgress"],
): AsyncGenerator<Buffer> {
  let received = 0;
  try {
    for await (const chunk of body) {
      received += chunk.length;
      if (expected !== undefined && expected > 0) onProgress(received / expected);
      yield chunk;
    }
  } catch (cause) {
    throw new Error(`the connection broke after ${received} of ${expected ?? "unknown"} bytes`, { cause });
  }
  if (expected !== undefined && received !== expected) {
    throw new Error(`the server announced ${expected} bytes and sent ${received}`);
  }
}

/**
 * Streams a response's body into a file.
 *
 * @returns the bytes written
 * @throws PermanentError when the file is larger than allowed
 * @throws Error when not all of it came
 */
export async function saveBody(
  response: IncomingMessage,
  file: string,
  options: SaveOptions,
): Promise<number> {
  const { maxBytes, signal, onProgress } = options;
  const { "content-length": length, "content-encoding": encoding = "identity" } = response.headers;
  const expected = length === undefined ? undefined : Number(length);
  let written = 0;
  // Counted behind the decoder: a small body may hold a large file.
  async function* limit(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      written += chunk.length;
      if (written > maxBytes) throw refuseSize(maxBytes);
      yield chunk;
    }
  }
  try {
    if (expected !== undefined && expected > maxBytes) throw refuseSize(maxBytes);
    const body = receive(response, expected, onProgress);
    await pipeline(body, makeDecoder(encoding), limit, createWriteStream(file), { signal });
    return written;
  } finally {
    response.destroy();
  }
}
