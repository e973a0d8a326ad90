import type { PipelineSpec } from "../contract/check.ts";
import type { ModuleSpec } from "../contract/module.ts";
import type { Bus } from "../ports/bus.ts";
import type { Deployments } from "../ports/deployments.ts";
import type { ModuleAnswer } from "./api.ts";

export interface ModuleSources {
  readonly bus: Pick<Bus, "depth">;
  /** Absent where nobody deploys: every module is then said to be ready. */
  readonly deployments?: Pick<Deployments, "find"> | undefined;
}

async function describeModule(
  { bus, deployments }: ModuleSources,
  module: ModuleSpec,
): Promise<ModuleAnswer> {
  const { name, on, emits } = module;
  const types = [...new Set(on.map(({ type }) => type))];
  const [deployment, queues] = await Promise.all([
    deployments?.find(name),
    Promise.all(types.map(async (type) => ({ type, depth: await bus.depth({ topic: type, module: name }) }))),
  ]);
  const version = deployment?.version ?? module.version;
  const unknown = deployments === undefined ? "ready" : "starting";
  return {
    name,
    ...(version !== undefined && { version }),
    status: deployment?.status ?? unknown,
    message: deployment?.message ?? "",
    on,
    emits,
    queues,
  };
}

/** The modules of a pipeline, with what waits for each. */
export function listModules(sources: ModuleSources, { modules }: PipelineSpec): Promise<ModuleAnswer[]> {
  return Promise.all(modules.map((module) => describeModule(sources, module)));
}
