import { createWriteStream, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import type { Log } from "../contract/log.ts";

/** A larger file is put aside at the next start, in bytes; the one that was aside before goes. */
const maxFileBytes = 10 * 2 ** 20;

/** Logs as JSON lines into `<folder>/ion.log`; the terminal is the command's own. */
export function fileLog(folder: string): Log {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "ion.log");
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > maxFileBytes) renameSync(file, `${file}.1`);
  const stream = createWriteStream(file, { flags: "a" });
  return pino({ base: null, serializers: { error: pino.stdSerializers.err } }, stream);
}
