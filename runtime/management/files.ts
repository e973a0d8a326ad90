import type { FastifyReply } from "fastify";
import { IonError } from "../contract/errors.ts";
import type { Blobs, ByteRange } from "../ports/blobs.ts";

/** What a browser shows; everything else is bytes to it. */
const contentTypes: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  log: "text/plain; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  json: "application/json",
  pdf: "application/pdf",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  svg: "image/svg+xml",
  mp4: "video/mp4",
  webm: "video/webm",
  mov: "video/quicktime",
  mp3: "audio/mpeg",
  wav: "audio/wav",
};

/** A module's file is a stranger's page: no script of it runs, and it belongs to no origin. */
const safeHeaders = {
  "x-content-type-options": "nosniff",
  "content-security-policy":
    "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self' data:; style-src 'self' 'unsafe-inline'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "accept-ranges": "bytes",
};

async function getBytes(blobs: Blobs, path: string): Promise<number> {
  // In the order of paths the blob itself comes before those in a folder of its name: one look is enough.
  for await (const first of path === "" ? [] : blobs.list(path)) {
    if (first.path === path) return first.bytes;
    break;
  }
  throw new IonError("not-found", `there is no file '${path.slice(0, 200)}'`);
}

/**
 * Reads a Range header of one part; any other is ignored, as the standard allows.
 * https://www.rfc-editor.org/rfc/rfc9110#name-range
 *
 * @returns "unsatisfiable" when no byte of the file is in it
 */
export function readRange(
  header: string | undefined,
  bytes: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  return start > end ? "unsatisfiable" : { start, end };
}

/**
 * Answers a blob's bytes, a range of them where one is asked for.
 *
 * @throws IonError `not-found`; `invalid` when the path is not one
 */
export async function sendFile(
  reply: FastifyReply,
  blobs: Blobs,
  path: string,
  rangeHeader: string | undefined,
): Promise<FastifyReply> {
  const bytes = await getBytes(blobs, path);
  const range = readRange(rangeHeader, bytes);
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  const contentType = Object.hasOwn(contentTypes, extension) ? contentTypes[extension] : undefined;
  reply.headers(safeHeaders).type(contentType ?? "application/octet-stream");
  if (range === "unsatisfiable") {
    return reply.code(416).header("content-range", `bytes */${bytes}`).send("");
  }
  if (range === undefined) return reply.header("content-length", bytes).send(await blobs.get(path));
  const { start, end } = range;
  return reply
    .code(206)
    .header("content-range", `bytes ${start}-${end}/${bytes}`)
    .header("content-length", end - start + 1)
    .send(await blobs.get(path, range));
}
