import { pipeline } from "node:stream/promises";
import type { CliContext } from "./context.ts";

/** Prints lines on the standard output. */
export function printLines({ io }: CliContext, lines: readonly string[]): void {
  if (lines.length > 0) io.stdout.write(`${lines.join("\n")}\n`);
}

/** Prints one JSON document, indented for people. */
export function printJson({ io }: CliContext, document: unknown): void {
  io.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
}

/** Prints one line of newline-delimited JSON. */
export function printJsonLine({ io }: CliContext, document: unknown): void {
  io.stdout.write(`${JSON.stringify(document)}\n`);
}

/** Copies bytes to the standard output as fast as it takes them. */
export async function printBytes(
  { io, signal }: CliContext,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  await pipeline(bytes, io.stdout, { end: false, signal });
}
