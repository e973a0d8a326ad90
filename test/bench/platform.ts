import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seconds } from "../../runtime/contract/duration.ts";
import { silentLog } from "../../runtime/contract/log.ts";
import type { Pipeline } from "../../runtime/contract/pipeline.ts";
import { accepting } from "../../runtime/gateway/accept.ts";
import { completeFlow } from "../../runtime/job/completion.ts";
import { type Platform, startPlatform } from "../../runtime/main/platform.ts";
import { isEnd } from "../../runtime/ports/executor.ts";

export interface BenchPlatform {
  readonly platform: Platform;
  /** Takes an event in as the gateway does. @returns the flow's id */
  readonly accept: (data: Record<string, number>) => Promise<string>;
  /** Resolves once so many more runs have succeeded; rejects when one fails. */
  readonly whenSucceeded: (count: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Boots the platform in this process, on a folder of its own. */
export async function startBenchPlatform(pipeline: Pipeline, parallel: number): Promise<BenchPlatform> {
  const folder = mkdtempSync(join(tmpdir(), "ion-bench-"));
  const platform = await startPlatform({
    folder,
    projectFolder: folder,
    parallel,
    environment: { PATH: process.env.PATH ?? "" },
    secrets: () => undefined,
    log: silentLog,
  });
  await platform.apply(pipeline.spec, Object.fromEntries(pipeline.modules.map(({ name }) => [name, "1"])));
  const accept = accepting({
    ...platform.context,
    closeFlow: async (flow) => void (await completeFlow(platform.context, flow)),
  });
  const type = pipeline.sources[0]?.type ?? "";
  async function* onlyData(data: Record<string, number>) {
    yield { kind: "data" as const, data };
  }

  async function whenSucceeded(count: number): Promise<void> {
    const enough = new AbortController();
    let succeeded = 0;
    for await (const transition of platform.executor.watch(enough.signal)) {
      if (!isEnd(transition)) continue;
      if (transition.state !== "succeeded")
        throw new Error(`a run has not succeeded: ${JSON.stringify(transition)}`);
      succeeded += 1;
      if (succeeded === count) enough.abort();
    }
  }

  return {
    platform,
    accept: async (data) => (await accept({ type, parts: onlyData(data) })).correlationId,
    whenSucceeded,
    stop: async () => {
      await platform.stop(seconds(5));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
