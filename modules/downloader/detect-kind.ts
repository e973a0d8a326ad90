import { open } from "node:fs/promises";
import { extname } from "node:path";

export interface Kind {
  readonly kind: "video" | "image" | "other";
  readonly contentType: string;
}

/** Content type -> how its files begin: offset, then Latin-1 characters. https://en.wikipedia.org/wiki/List_of_file_signatures */
const signatures: readonly (readonly [string, ...(readonly [number, string])[]])[] = [
  ["image/jpeg", [0, "\xff\xd8\xff"]],
  ["image/png", [0, "\x89PNG\r\n"]],
  ["image/gif", [0, "GIF8"]],
  ["image/webp", [0, "RIFF"], [8, "WEBP"]],
  ["image/tiff", [0, "II*\0"]],
  ["image/tiff", [0, "MM\0*"]],
  ["image/avif", [4, "ftypavif"]],
  ["image/heic", [4, "ftyphei"]],
  ["image/heif", [4, "ftypmif1"]],
  ["audio/mp4", [4, "ftypM4A"]],
  ["video/quicktime", [4, "ftypqt"]],
  ["video/mp4", [4, "ftyp"]],
  ["video/x-msvideo", [0, "RIFF"], [8, "AVI "]],
  ["video/x-matroska", [0, "\x1aE\xdf\xa3"]],
  ["video/x-flv", [0, "FLV\x01"]],
  ["video/mpeg", [0, "\0\0\x01\xba"]],
  ["video/mp2t", [0, "G"], [188, "G"]],
  ["video/x-ms-asf", [0, "0&\xb2u\x8ef\xcf\x11"]],
];

const headBytes = 192;

/** For formats without a signature, and those that share one. */
const byExtension: Readonly<Record<string, string>> = {
  ".3gp": "video/3gpp",
  ".bmp": "image/bmp",
  ".m4v": "video/mp4",
  ".mov": "video/quicktime",
  ".ogv": "video/ogg",
  ".webm": "video/webm",
  ".wmv": "video/x-ms-wmv",
};

/** Says a file's content type by its first bytes. */
export function findSignature(head: string): string | undefined {
  return signatures.find(([, ...parts]) =>
    parts.every(([offset, text]) => head.startsWith(text, offset)),
  )?.[0];
}

async function readHead(file: string): Promise<string> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
  return buffer.toString("latin1", 0, bytesRead);
}

/** What servers send when they don't know. */
const unknownTypes = ["", "application/octet-stream", "binary/octet-stream", "text/plain"];

function kindOf(contentType: string): Kind["kind"] {
  const [family] = contentType.split("/");
  return family === "video" || family === "image" ? family : "other";
}

/**
 * Says what a file is: its first bytes count most, since a server may call anything a video; then the
 * server's word; then the file's extension.
 *
 * @param header the header `Content-Type`
 */
export async function detectKind(file: string, header = ""): Promise<Kind> {
  const told = header.split(";")[0]?.trim().toLowerCase() ?? "";
  const signature = findSignature(await readHead(file));
  const known = unknownTypes.includes(told) ? byExtension[extname(file).toLowerCase()] : told;
  const agreed = signature !== undefined && known !== undefined && kindOf(known) === kindOf(signature);
  // WebM is a Matroska file, and its own name says more: where both agree on the kind, the told one is kept.
  const contentType = (agreed ? known : (signature ?? known)) ?? "application/octet-stream";
  return { kind: kindOf(contentType), contentType };
}
