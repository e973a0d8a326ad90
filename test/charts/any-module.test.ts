import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { KubernetesObject } from "../../runtime/charts/props.ts";
import { renderManifests } from "../../runtime/charts/render.ts";
import type { PipelineSpec } from "../../runtime/contract/check.ts";
import { batch, kubernetes, process } from "../../runtime/contract/executor.ts";
import type { ModuleSpec } from "../../runtime/contract/module.ts";
import { mebibytes } from "../../runtime/contract/size.ts";
import { findSchemaErrors } from "./kubernetes-schema.ts";
import { image, plainStack } from "./pipelines.ts";
import { listObjects } from "./rendered.ts";

const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/);
const eventType = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,48}[A-Za-z0-9])?$/);
const variable = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,20}$/).map((text) => `X${text}`);
const secretName = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$/);

const resources = fc.record(
  {
    cpu: fc.double({ min: 0.001, max: 64, noNaN: true }),
    memory: fc.oneof(
      fc.integer({ min: 1, max: 100_000 }).map((size) => mebibytes(size / 3)),
      fc.constantFrom("512Mi" as const, "1.5Gi" as const),
    ),
    gpu: fc.integer({ min: 0, max: 8 }),
    ephemeralStorage: fc.constantFrom("1Gi" as const, "200Gi" as const),
    spot: fc.boolean(),
  },
  { requiredKeys: [] },
);

const executor = fc.oneof(fc.constant(process()), resources.map(kubernetes), resources.map(batch));

const scale = fc
  .record({
    min: fc.nat(50),
    more: fc.integer({ min: 1, max: 50 }),
    targetQueueLength: fc.integer({ min: 1, max: 999 }),
  })
  .map(({ min, more, targetQueueLength }) => ({ min, max: min + more, targetQueueLength }));

const moduleSpec: fc.Arbitrary<ModuleSpec> = fc
  .record({
    name,
    types: fc.uniqueArray(eventType, { minLength: 1, maxLength: 4 }),
    executor,
    scale,
    timeoutMilliseconds: fc.integer({ min: 1, max: 7 * 86_400_000 }),
    config: fc.dictionary(variable, fc.string({ unit: "binary" }), { noNullPrototype: true }),
    secrets: fc.dictionary(
      variable.map((each) => `S${each}`),
      secretName.map((secret) => ({ name: secret })),
      {
        noNullPrototype: true,
      },
    ),
    version: fc.string(),
    words: fc.array(fc.string()),
  })
  .map(({ types, words, ...rest }) => ({
    ...rest,
    on: types.map((type) => ({ type, filter: { kind: ["a", "b"] } })),
    emits: [],
    joins: [],
    command: ["run", ...words],
    retry: { attempts: 3, minDelayMilliseconds: 1, maxDelayMilliseconds: 2, permanentExitCodes: [] },
    limits: { bytes: 1, files: 1, events: 1 },
    retentionMilliseconds: 1,
  }));

const toPipeline = (pipelineName: string, module: ModuleSpec): PipelineSpec => ({
  name: pipelineName,
  sources: module.on.map(({ type }) => type),
  events: Object.fromEntries(
    module.on.map(({ type }) => [type, { schema: { type: "object" }, files: true }]),
  ),
  modules: [module],
});

const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const labelValue = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

function checkNames({ kind, metadata }: KubernetesObject): void {
  // Priority classes are the only ones whose names have two others in them, and they are no labels.
  if (kind !== "PriorityClass") assert.match(metadata.name, dnsLabel, kind);
  assert.match(metadata.namespace ?? "", /^.{0,63}$/, kind);
  for (const value of Object.values(metadata.labels ?? {})) assert.match(value, labelValue, kind);
}

test("any module renders to valid manifests, with names of at most 63 characters", () => {
  fc.assert(
    fc.property(name, moduleSpec, (pipelineName, module) => {
      const pipeline = toPipeline(pipelineName, module);
      const stack = {
        ...plainStack(pipeline),
        name: "s".repeat(20),
        images: { [module.name]: image("module") },
      };
      const objects = listObjects(renderManifests({ pipeline, stack }));
      for (const object of objects) {
        assert.deepEqual(findSchemaErrors("1.37", object), []);
        checkNames(object);
      }
    }),
    { numRuns: 200 },
  );
});
