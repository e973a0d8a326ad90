import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { temporaryFolder } from "./command.ts";
import { getExecution, listEvents, startIon } from "./local-ion.ts";

const gibibyte = 2 ** 30;
const megabyte = 10 ** 6;

/** Two GiB that take no room, with a word at some places. */
async function makeLargeFile(path: string): Promise<void> {
  const file = await open(path, "w");
  await file.truncate(2 * gibibyte);
  for (const place of [0, gibibyte - 2, 2 * gibibyte - 5]) await file.write("large", place);
  await file.close();
}

async function hashFile(path: string, more = ""): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash, { end: false });
  return hash.update(more).digest("hex");
}

/** The most memory that a process has ever had, in bytes. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
async function readPeakMemory(processId: number): Promise<number | undefined> {
  if (process.platform !== "linux") return undefined;
  const [, kibibytes] =
    /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${processId}/status`, "utf8")) ?? [];
  return Number(kibibytes) * 1024;
}

test("a file of 2 GiB goes through upload, prepare and commit in little memory", async (t) => {
  const folder = temporaryFolder(t);
  const film = join(folder, "film.raw");
  await makeLargeFile(film);
  const ion = await startIon(t, { pipeline: "large-file", data: join(folder, "data") });

  const began = performance.now();
  const submitted = await ion.ion("submit", "film_uploaded", "--file", film, "--follow");
  assert.equal(submitted.code, 0, submitted.stdout + submitted.stderr);
  const [flow] = (await ion.client.listFlows()).items;
  const trace = await ion.client.getFlow(flow?.correlationId ?? "");
  const took = ((performance.now() - began) / 1000).toFixed(1);
  const peak = await readPeakMemory(ion.processId);
  t.diagnostic(`${took} s; peak memory ${((peak ?? 0) / megabyte).toFixed(0)} MB`);

  assert.equal(trace.counts.succeeded, 2);
  const [uploaded] = listEvents(trace)[0]?.files ?? [];
  const [kept] = getExecution(trace, "keeper").children[0]?.files ?? [];
  assert(uploaded !== undefined && kept !== undefined);
  assert.deepEqual([uploaded.bytes, kept.bytes], [2 * gibibyte, 2 * gibibyte + 3]);
  const [before, after, stored] = await Promise.all([
    hashFile(film),
    hashFile(film, "end"),
    hashFile(join(ion.data, "blobs", kept.blob)),
  ]);
  assert.deepEqual([uploaded.sha256, kept.sha256, stored], [before, after, after]);
  assert(peak === undefined || peak < 250 * megabyte, `peak memory is ${peak} bytes`);
});
