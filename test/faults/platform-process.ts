import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { seconds } from "../../runtime/contract/duration.ts";
import { derivedIds } from "../../runtime/contract/ids.ts";
import { silentLog } from "../../runtime/contract/log.ts";
import { accepting } from "../../runtime/gateway/accept.ts";
import { completeFlow } from "../../runtime/job/completion.ts";
import { type Platform, startPlatform } from "../../runtime/main/platform.ts";
import { auditFlows, countDead } from "./audit.ts";
import { breakPorts, faultyWrites, lyingExecutor } from "./break-ports.ts";
import { allWays, chain } from "./pipeline.ts";
import type { FaultAnswer, FaultRequest, FaultSettings } from "./settings.ts";

/*
 * A platform that a test starts, breaks and kills: it takes requests and answers over its parent's channel.
 */

const settings = JSON.parse(process.argv[2] ?? "{}") as FaultSettings;
const pipeline = process.argv[3] === "all-ways" ? allWays : chain;
const { around, count } = faultyWrites(settings);
const answer = (message: FaultAnswer) => process.send?.(message);

const randomIds = { execution: () => randomUUID(), child: () => randomUUID() };

const platform: Platform = await startPlatform({
  folder: settings.folder,
  projectFolder: settings.folder,
  parallel: 4,
  environment: { PATH: process.env.PATH ?? "" },
  secrets: () => undefined,
  log: silentLog,
  publishInCommit: settings.publishInCommit,
  ids: settings.without === "derived-ids" ? randomIds : derivedIds,
  wrapPorts: (ports) => breakPorts(ports, around, settings),
  wrapExecutor: (executor) => lyingExecutor(executor, settings.falseLosses ?? 0),
  ...(settings.without === "relay" && { relay: async () => {}, sweepEveryMilliseconds: 3_600_000 }),
});
const versions = Object.fromEntries(pipeline.spec.modules.map(({ name }) => [name, "1"]));
await platform.apply(pipeline.spec, versions);

const accept = accepting({
  ...platform.context,
  closeFlow: async (flow) => void (await completeFlow(platform.context, flow)),
});

async function* onlyData(key: string) {
  yield { kind: "data" as const, data: { key } };
}

async function submit(key: string): Promise<void> {
  try {
    const { correlationId } = await accept({ type: "root", key, parts: onlyData(key) });
    answer({ kind: "accepted", key, flow: correlationId });
  } catch (thrown) {
    answer({ kind: "refused", key, message: String(thrown) });
  }
}

async function isIdle(): Promise<boolean> {
  for (const { name, on } of pipeline.spec.modules) {
    for (const { type } of on) {
      const { waiting, locked, scheduled } = await platform.context.bus.depth({ topic: type, module: name });
      if (waiting + locked + scheduled > 0) return false;
    }
  }
  return (await Array.fromAsync(platform.executor.list())).length === 0;
}

/** Nothing tells that a bus is empty, so it's asked; the pace is of no consequence for what is found. */
async function drain(): Promise<void> {
  const { mostWrites = Number.POSITIVE_INFINITY } = settings;
  while (count() <= mostWrites && !(await isIdle())) await delay(20);
  answer({ kind: "drained", writes: count() });
}

process.on("message", (request: FaultRequest) => {
  switch (request.kind) {
    case "submit":
      return void submit(request.key);
    case "drain":
      return void drain();
    case "audit":
      return void (async () => {
        answer({ kind: "audited", audit: await auditFlows(platform), dead: await countDead(platform) });
      })();
    case "stop":
      return void platform.stop(seconds(5)).then(() => process.disconnect());
  }
});
process.on("disconnect", () => process.exit());
answer({ kind: "ready" });
