import { StringDecoder } from "node:string_decoder";

/** What a module says of itself, by printing `::progress <fraction>[ message]` on a line of its own. */
export interface Progress {
  /** 0 to 1. */
  readonly fraction: number;
  readonly message: string;
}

const pattern = /^::progress (\d*\.?\d+)(?: (.*))?$/;
/** A line is told apart by its beginning; what is longer is cut. */
const maxLineLength = 1_000;

export function findProgress(line: string): Progress | undefined {
  const [, fraction, message = ""] = pattern.exec(line.trimEnd()) ?? [];
  return fraction === undefined ? undefined : { fraction: Math.min(1, Number(fraction)), message };
}

/** Finds progress lines in a stream, however it is cut into chunks. */
export function progressLines(onProgress: (progress: Progress) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return (chunk) => {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = (lines.pop() ?? "").slice(0, maxLineLength);
    for (const line of lines) {
      const progress = findProgress(line.slice(0, maxLineLength));
      if (progress !== undefined) onProgress(progress);
    }
  };
}
