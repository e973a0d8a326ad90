import { execFileSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineModule, event, pipeline } from "ion";
import { z } from "zod";
import { localBlobs } from "../../runtime/adapters/local/blobs.ts";
import { memoryBus } from "../../runtime/adapters/memory/bus.ts";
import { memoryDocuments } from "../../runtime/adapters/memory/documents.ts";
import { systemClock } from "../../runtime/contract/clock.ts";
import { documentId } from "../../runtime/contract/documents.ts";
import { firstEvent } from "../../runtime/contract/event.ts";
import { attemptKey, derivedIds, deriveId } from "../../runtime/contract/ids.ts";
import { listTopics, makeRoutes } from "../../runtime/contract/routing.ts";
import { commitAttempt } from "../../runtime/job/commit.ts";
import { prepareWorkspace } from "../../runtime/job/prepare.ts";
import type { Attempt } from "../../runtime/ports/executor.ts";
import { type Figure, format, inTurn, median } from "./measure.ts";

const bytes = 2 ** 30;

function writeLargeFile(file: string): void {
  const block = Buffer.alloc(2 ** 20);
  randomFillSync(block);
  const descriptor = openSync(file, "w");
  for (let written = 0; written < bytes; written += block.length) writeSync(descriptor, block);
  fsyncSync(descriptor);
  closeSync(descriptor);
}

const root = event("root", z.object({}));
const copier = defineModule({ name: "copier", on: root, command: ["cp"] });
const graph = pipeline("bench", [copier], { sources: [root] }).spec;

/** What `cp` and `sha256sum` take, in seconds: no fsync, no event, no state. */
async function measureBaseline(folder: string, source: string): Promise<number> {
  const target = join(folder, "copy");
  const start = performance.now();
  execFileSync("cp", [source, target]);
  execFileSync("sha256sum", [target], { stdio: "ignore" });
  const took = (performance.now() - start) / 1000;
  rmSync(target);
  return took;
}

/** Prepare brings 1 GiB to the workspace; commit hashes 1 GiB of output, makes it durable and commits. In seconds. */
async function measureJob(folder: string, source: string, round: number): Promise<number> {
  const flow = deriveId("large", String(round));
  const executionId = derivedIds.execution("copier", flow);
  const blobs = localBlobs({ folder: join(folder, "data") });
  const documents = memoryDocuments();
  const bus = memoryBus();
  const topics = listTopics(graph);
  await bus.ensure(topics);
  const input = join(folder, "input");
  copyFileSync(source, input);
  const blob = await blobs.put(`${flow}/${flow}/u1/large`, { file: input });
  const sent = firstEvent({ id: flow, type: "root", time: "2026-01-01T00:00:00.000Z", data: {}, files: 1 });
  const files = [{ path: "large", blob: blob.path, bytes: blob.bytes, sha256: blob.sha256 }];
  await documents.create({ kind: "event", id: documentId.event(flow), flow, event: sent, files });
  const attempt: Attempt = {
    key: attemptKey(executionId, 1),
    executionId,
    attempt: 1,
    event: sent,
    module: copier.spec,
    version: "1",
    executionStartedAt: Date.now(),
    interruptions: 0,
    forgiven: 0,
  };
  const workspace = join(folder, "work", "a1");
  mkdirSync(join(folder, "work"), { recursive: true });
  const { signal } = new AbortController();
  const context = {
    documents,
    blobs,
    bus,
    ids: derivedIds,
    clock: systemClock,
    pipeline: () => graph,
    routes: () => makeRoutes(topics),
  };
  const start = performance.now();
  await prepareWorkspace(attempt, workspace, { documents, blobs }, signal);
  const prepared = performance.now();
  // The module's own work, which is not measured.
  copyFileSync(source, join(workspace, "out", "data", "large"));
  const committing = performance.now();
  await commitAttempt(context, attempt, workspace, { startedAt: Date.now() }, signal);
  const took = (prepared - start + performance.now() - committing) / 1000;
  rmSync(join(folder, "work"), { recursive: true });
  await blobs.remove(flow);
  return took;
}

/** Prepare and commit of 1 GiB against `cp` and `sha256sum` of the same bytes. */
export async function measureLargeFile(rounds: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "ion-bench-large-"));
  const source = join(folder, "source");
  writeLargeFile(source);
  let round = 0;
  try {
    const result = await inTurn(
      rounds,
      () => measureJob(folder, source, round++),
      () => measureBaseline(folder, source),
    );
    return [
      {
        name: "prepare + commit of 1 GiB",
        values: result.ratios,
        unit: "× cp + sha256sum",
        target: { kind: "at most", value: 1.3 },
        note: `${format(median(result.ours))} s against ${format(median(result.baseline))} s`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
