import { resolve } from "node:path";
import type { Manifest } from "../charts/props.ts";
import type { Declarations, DeclarationsRequest, Synthesis, SynthesisRequest } from "../cli/declarations.ts";
import { maxConfigMapBytes, maxKubernetesNameLength } from "../contract/limits.ts";
import type { Problem } from "../contract/problem.ts";
import { formatBytes } from "../contract/size.ts";
import { type Examined, examine } from "./check-declarations.ts";
import { planManifests, writeManifests } from "./write-manifests.ts";

/** What only the rendered objects show: how large and how named they have become. */
function checkManifest({ module, objects }: Manifest): Problem[] {
  const base = module === undefined ? {} : { module };
  const whose = module === undefined ? "the platform" : `module '${module}'`;
  return objects.flatMap(({ kind, metadata: { name }, data }): Problem[] => {
    const problems: Problem[] = [];
    const bytes = kind === "ConfigMap" ? Buffer.byteLength(JSON.stringify(data ?? {})) : 0;
    if (bytes > maxConfigMapBytes) {
      const value = formatBytes(bytes);
      const message = `${whose}: ConfigMap '${name}' must be at most ${formatBytes(maxConfigMapBytes)}: current value is ${value}; make the schemas of its events smaller`;
      problems.push({ ...base, field: "on, emits", value, message });
    }
    if (name.length > maxKubernetesNameLength) {
      const message = `${whose}: the name of ${kind} '${name}' must have at most ${maxKubernetesNameLength} characters: current value has ${name.length}; choose a shorter name`;
      problems.push({ ...base, field: "name", value: name, message });
    }
    return problems;
  });
}

type Rendered = Examined & { readonly manifests: readonly Manifest[] };

/** Checks declarations on a stack, and what they become. */
async function render(request: DeclarationsRequest): Promise<Rendered> {
  // The charts take as long to load as the declarations, which a thread of their own loads.
  const charts = import("../charts/render.ts");
  charts.catch(() => {});
  const examined = await examine(request);
  const { pipeline, stack, problems, locate } = examined;
  if (problems.length > 0 || pipeline === undefined || stack === undefined) {
    return { ...examined, manifests: [] };
  }
  const { renderManifests } = await charts;
  const manifests = renderManifests({ pipeline, stack });
  return { ...examined, manifests, problems: locate(manifests.flatMap(checkManifest)) };
}

async function synthesize(request: SynthesisRequest): Promise<Synthesis> {
  const { manifests, problems, pipeline } = await render(request);
  const checked = { problems, ...(pipeline !== undefined && { pipeline }) };
  if (problems.length > 0) return { ...checked, changes: [] };
  const folder = resolve(request.folder);
  const changes = planManifests(folder, manifests);
  if (!request.dryRun) writeManifests(folder, changes);
  return { ...checked, changes };
}

/** The composition of what the command line does with declarations. */
export const declarations: Declarations = {
  check: async (request) => (request.stack === undefined ? examine(request) : render(request)),
  synthesize,
};
