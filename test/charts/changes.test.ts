import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import media from "../../modules/index.ts";
import type { Manifest, Stack } from "../../runtime/charts/props.ts";
import { renderManifests } from "../../runtime/charts/render.ts";
import type { PipelineSpec } from "../../runtime/contract/check.ts";
import type { ModuleSpec } from "../../runtime/contract/module.ts";
import { allOptions, fullStack, image, plainStack } from "./pipelines.ts";
import { getManifest } from "./rendered.ts";

const pipeline = media.spec;
const stack = plainStack(pipeline);
const before = renderManifests({ pipeline, stack });

function listChanged(after: readonly Manifest[]): string[] {
  const known = new Map(before.map(({ file, yaml }) => [file, yaml]));
  return after.filter(({ file, yaml }) => known.get(file) !== yaml).map(({ file }) => file);
}

const changeModule = (name: string, change: Partial<ModuleSpec>): PipelineSpec => ({
  ...pipeline,
  modules: pipeline.modules.map((module) => (module.name === name ? { ...module, ...change } : module)),
});

const declared: Readonly<Record<string, Partial<ModuleSpec>>> = {
  config: { config: { MAX_PICTURES: "50" } },
  resources: { executor: { kind: "kubernetes", cpu: 3, gpu: 1, spot: true } },
  command: { command: ["python3", "main.py"] },
  timeout: { timeoutMilliseconds: 5_000 },
  scale: { scale: { min: 1, max: 4, targetQueueLength: 2 } },
  retry: {
    retry: { attempts: 9, minDelayMilliseconds: 1, maxDelayMilliseconds: 2, permanentExitCodes: [] },
  },
  secrets: { secrets: { TOKEN: { name: "token" } } },
  version: { version: "2" },
};

for (const [what, change] of Object.entries(declared)) {
  test(`another ${what} in one declaration changes that module's manifest and no other`, () => {
    const after = renderManifests({ pipeline: changeModule("frames", change), stack });
    assert.deepEqual(listChanged(after), ["frames.yaml"]);
  });
}

const overridden: Readonly<Record<string, Partial<Stack>>> = {
  image: { images: { ...stack.images, frames: image("frames", "b") } },
  scale: { modules: { frames: { scale: { max: 7 } } } },
  resources: { modules: { frames: { resources: { memory: "3Gi" } } } },
  config: { modules: { frames: { config: { FRAMES: "9" } } } },
  egress: { modules: { frames: { egressPorts: [80] } } },
};

for (const [what, change] of Object.entries(overridden)) {
  test(`another ${what} of one module in a stack changes that module's manifest and no other`, () => {
    assert.deepEqual(listChanged(renderManifests({ pipeline, stack: { ...stack, ...change } })), [
      "frames.yaml",
    ]);
  });
}

test("a new subscriber changes who emits what it subscribes to, and the platform's graph", () => {
  const [age] = pipeline.modules.filter(({ name }) => name === "age");
  assert.ok(age);
  const extended = { ...pipeline, modules: [...pipeline.modules, { ...age, name: "mood" }] };
  const images = { ...stack.images, mood: image("mood") };
  const after = renderManifests({ pipeline: extended, stack: { ...stack, images } });
  assert.deepEqual(listChanged(after), ["platform.yaml", "faces.yaml", "mood.yaml"]);
});

test("another runtime image changes every manifest", () => {
  const after = renderManifests({ pipeline, stack: { ...stack, runtimeImage: image("ion", "e") } });
  assert.deepEqual(
    listChanged(after),
    before.map(({ file }) => file),
  );
});

test("a longer retention changes every manifest, as whoever ends a flow keeps its documents for the longest", () => {
  const after = renderManifests({ pipeline: changeModule("frames", { retentionMilliseconds: 1e12 }), stack });
  assert.equal(listChanged(after).length, before.length);
});

test("moving a declaration changes the order of files and nothing in them", () => {
  const reversed = { ...pipeline, modules: pipeline.modules.toReversed() };
  const after = renderManifests({ pipeline: reversed, stack });
  assert.deepEqual(listChanged(after), []);
  assert.deepEqual(after.map(({ file }) => file).slice(0, 2), ["platform.yaml", "report.yaml"]);
});

const deployment = z.object({
  kind: z.literal("Deployment"),
  spec: z.object({
    strategy: z.unknown(),
    template: z.object({
      spec: z.object({
        terminationGracePeriodSeconds: z.int(),
        volumes: z.array(z.object({ configMap: z.object({ name: z.string() }).optional() })),
      }),
    }),
  }),
});

const readDeployment = ({ objects }: Manifest) => {
  const found = objects.map((object) => deployment.safeParse(object)).find(({ success }) => success);
  assert.ok(found?.data);
  return found.data.spec;
};

const readConfigName = (manifest: Manifest) =>
  readDeployment(manifest).template.spec.volumes.find(({ configMap }) => configMap)?.configMap?.name;

test("a changed config is another ConfigMap, to which the dispatcher rolls", () => {
  const changed = changeModule("frames", { config: { FRAMES: "4" } });
  const after = renderManifests({ pipeline: changed, stack });
  const names = [before, after].map((manifests) => {
    const manifest = getManifest(manifests, "frames");
    const [configMap] = manifest.objects.filter(({ kind }) => kind === "ConfigMap");
    assert.equal(configMap?.immutable, true);
    assert.equal(readConfigName(manifest), configMap.metadata.name);
    return configMap.metadata.name;
  });
  assert.notEqual(names[0], names[1]);
});

test("a dispatcher rolls without a gap and may drain for as long as its stack says", () => {
  const dispatchers = { drainSeconds: 900 };
  const manifests = renderManifests({ pipeline, stack: { ...stack, dispatchers } });
  const { strategy, template } = readDeployment(getManifest(manifests, "frames"));
  assert.deepEqual(strategy, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
  assert.equal(template.spec.terminationGracePeriodSeconds, 930);
});

test("the same props give the same bytes", () => {
  const again = renderManifests({ pipeline: structuredClone(pipeline), stack: structuredClone(stack) });
  assert.deepEqual(listChanged(again), []);
});

test("another process in another place of the world renders the same bytes", () => {
  const program = `
    import { allOptions, fullStack } from "./test/charts/pipelines.ts";
    import { renderManifests } from "./runtime/charts/render.ts";
    const manifests = renderManifests({ pipeline: allOptions, stack: fullStack });
    process.stdout.write(manifests.map(({ yaml }) => yaml).join(""));
  `;
  const there = execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: join(import.meta.dirname, "../.."),
    env: { TZ: "Pacific/Kiritimati", LC_ALL: "tr_TR.UTF-8" },
    encoding: "utf8",
  });
  const here = renderManifests({ pipeline: allOptions, stack: fullStack });
  assert.equal(there, here.map(({ yaml }) => yaml).join(""));
});
