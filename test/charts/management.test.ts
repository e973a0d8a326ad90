import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import media from "../../modules/index.ts";
import type { ModuleGraph, PlatformGraph } from "../../runtime/charts/graph.ts";
import type { ChartProps, Manifest, ModuleOverrides, Stack } from "../../runtime/charts/props.ts";
import { renderManifests, renderModule } from "../../runtime/charts/render.ts";
import { hasCode } from "../../runtime/contract/errors.ts";
import { isJsonObject } from "../../runtime/contract/json.ts";
import { allOptions, fullStack, plainStack } from "./pipelines.ts";
import { getManifest, readConfig } from "./rendered.ts";

/** What management finds of the platform in its configuration folder. */
const platformConfig = z.object({
  "graph.json": z.custom<PlatformGraph>(isJsonObject),
  "stack.json": z.custom<Stack>(isJsonObject),
});

/** What it finds of a module in the cluster. */
const moduleConfig = z.object({
  "module.json": z.custom<ModuleGraph>(isJsonObject),
  "overrides.json": z.custom<ModuleOverrides>(isJsonObject),
});

/** Puts together what the manifests were rendered from, from what is in the cluster alone. */
function readBack(manifests: readonly Manifest[]): ChartProps {
  const platform = platformConfig.parse(readConfig(getManifest(manifests, undefined)));
  const modules = manifests
    .filter(({ module }) => module !== undefined)
    .map((manifest) => moduleConfig.parse(readConfig(manifest)));
  const { pipeline: name, sources, events } = platform["graph.json"];
  const pipeline = {
    name,
    sources,
    events: Object.assign({}, events, ...modules.map((config) => config["module.json"].events)),
    modules: modules.map((config) => config["module.json"].module),
  };
  const overrides = modules.map((config) => [config["module.json"].module.name, config["overrides.json"]]);
  return { pipeline, stack: { ...platform["stack.json"], modules: Object.fromEntries(overrides) } };
}

for (const props of [
  { pipeline: media.spec, stack: plainStack(media.spec) },
  { pipeline: allOptions, stack: fullStack },
]) {
  test(`management renders '${props.pipeline.name}' from what is in the cluster, to the same bytes`, () => {
    const manifests = renderManifests(props);
    assert.deepEqual(renderManifests(readBack(manifests)), manifests);
  });
}

test("renderModule() renders what renderManifests() does for that module", () => {
  const props = { pipeline: allOptions, stack: fullStack };
  assert.deepEqual(renderModule(props, "full"), getManifest(renderManifests(props), "full"));
});

test("renderModule() says that there is no such module", () => {
  const props = { pipeline: allOptions, stack: fullStack };
  assert.throws(
    () => renderModule(props, "fully"),
    (thrown) => hasCode(thrown, "not-found"),
  );
});
