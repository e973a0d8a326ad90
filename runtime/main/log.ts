import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import type { Log } from "../contract/log.ts";

/** Logs as JSON lines into `<folder>/ion.log`; the terminal is the command's own. */
export function fileLog(folder: string): Log {
  mkdirSync(folder, { recursive: true });
  const stream = createWriteStream(join(folder, "ion.log"), { flags: "a" });
  return pino({ base: null, serializers: { error: pino.stdSerializers.err } }, stream);
}
