import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { hasCode, IonError } from "../contract/errors.ts";
import type { FileReference } from "../contract/event.ts";
import type { JsonObject } from "../contract/json.ts";
import type { Blobs } from "../ports/blobs.ts";
import { FilePaths } from "./file-paths.ts";

/** What comes with an event, in the order it comes. A file must be read before the next part is asked for. */
export type Part =
  | { readonly kind: "data"; readonly data: JsonObject }
  | { readonly kind: "file"; readonly path: string; readonly stream: Readable };

export interface Content {
  readonly data: JsonObject;
  readonly files: readonly FileReference[];
}

/** Takes the bytes of one file. */
export type TakeFile = (path: string, stream: Readable, maxBytes: number) => Promise<FileReference>;

/** Stores files below a prefix. */
export function storeFiles(blobs: Blobs, prefix: string): TakeFile {
  return async (path, stream, maxBytes) => {
    const limit = Number.isFinite(maxBytes) ? { maxBytes } : {};
    const { path: blob, bytes, sha256 } = await blobs.put(`${prefix}/${path}`, stream, limit);
    return { path, blob, bytes, sha256 };
  };
}

/** Only hashes files, to compare them with what is stored already. */
export const hashFiles: TakeFile = async (path, stream, maxBytes) => {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new IonError("limit", `file '${path}' is too large`);
    hash.update(chunk);
  }
  return { path, blob: "", bytes, sha256: hash.digest("hex") };
};

export interface ReceiveOptions {
  readonly checkData: (data: JsonObject) => void;
  /** Why no file may come; absent when files may. */
  readonly noFiles?: string;
  readonly takeFile: TakeFile;
  /** All files together. */
  readonly maxBytes: number;
}

async function takeWithin(
  { takeFile, maxBytes }: ReceiveOptions,
  { path, stream }: Extract<Part, { kind: "file" }>,
  taken: number,
): Promise<FileReference> {
  try {
    return await takeFile(path, stream, maxBytes - taken);
  } catch (thrown) {
    if (!hasCode(thrown, "limit")) throw thrown;
    throw new IonError(
      "limit",
      `the files have more than ${maxBytes} bytes together, which is the gateway's limit: send fewer or smaller ones`,
      { cause: thrown },
    );
  }
}

/**
 * Reads all parts of an event: the data is checked as soon as it is there, files stream through.
 *
 * @throws IonError `invalid` or `limit`; the caller removes what was stored by then
 */
export async function receive(parts: AsyncIterable<Part>, options: ReceiveOptions): Promise<Content> {
  const paths = new FilePaths();
  const files: FileReference[] = [];
  let data: JsonObject | undefined;
  let bytes = 0;
  for await (const part of parts) {
    if (part.kind === "data") {
      if (data !== undefined)
        throw new IonError("invalid", "the event's data stands there twice: send it once");
      options.checkData(part.data);
      data = part.data;
    } else {
      if (options.noFiles !== undefined) throw new IonError("invalid", options.noFiles);
      paths.add(part.path);
      const file = await takeWithin(options, part, bytes);
      bytes += file.bytes;
      files.push(file);
    }
  }
  if (data === undefined) options.checkData({});
  return { data: data ?? {}, files };
}
