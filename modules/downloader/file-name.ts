import { extname } from "node:path";

/** Bytes; what file systems take at most is 255. */
const maxNameBytes = 200;

/** Control and direction marks, and what some file system forbids in a name. */
const forbidden = /[\p{Cc}\p{Cf}<>:"|?*]/gu;

function tryDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // Percent signs that encode nothing: the text is used as it stands.
    return undefined;
  }
}

/** The extended form, `filename*=UTF-8''na%C3%AFve.mov`. https://www.rfc-editor.org/rfc/rfc8187 */
function findExtendedName(header: string): string | undefined {
  const [, charset = "", value = ""] = /;\s*filename\*\s*=\s*([\w-]+)'[^']*'([^;\s]+)/i.exec(header) ?? [];
  if (charset.toLowerCase() === "utf-8") return tryDecode(value);
  if (charset.toLowerCase() !== "iso-8859-1") return undefined;
  return value.replaceAll(/%([\da-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** The plain form, quoted or not. https://www.rfc-editor.org/rfc/rfc6266 */
function findPlainName(header: string): string | undefined {
  const match = /;\s*filename\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^;\s"]+))/i.exec(header);
  return match?.[1]?.replaceAll(/\\(.)/g, "$1") ?? match?.[2];
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= maxNameBytes) return name;
  const extension = extname(name).slice(0, 20);
  const room = maxNameBytes - Buffer.byteLength(extension);
  // A character cut in half decodes to U+FFFD.
  return (
    Buffer.from(name)
      .subarray(0, room)
      .toString()
      .replace(/\uFFFD+$/, "") + extension
  );
}

/** Makes a file's name of what a stranger calls it; undefined when nothing is left. */
export function cleanFileName(name: string): string | undefined {
  const last = name.split(/[\\/]/).at(-1) ?? "";
  const clean = last
    .normalize("NFC")
    .replaceAll(forbidden, "")
    .replace(/^[.\s]+/, "")
    .replace(/[.\s]+$/, "");
  return clean === "" ? undefined : shorten(clean);
}

/**
 * Chooses the name of a downloaded file: the server's, else the last part of the address, else `download`.
 *
 * @param disposition the header `Content-Disposition`
 */
export function chooseFileName(disposition: string | undefined, url: URL): string {
  const header = `;${disposition ?? ""}`;
  const segment = url.pathname.split("/").at(-1) ?? "";
  const candidates = [findExtendedName(header), findPlainName(header), tryDecode(segment) ?? segment];
  for (const candidate of candidates) {
    const name = candidate === undefined ? undefined : cleanFileName(candidate);
    if (name !== undefined) return name;
  }
  return "download";
}
