import assert from "node:assert/strict";
import { z } from "zod";
import media from "../../modules/index.ts";
import { fillJob, type JobAttempt } from "../../runtime/charts/fill-job.ts";
import type { JobTemplate } from "../../runtime/charts/job.ts";
import type { KubernetesObject, Manifest } from "../../runtime/charts/props.ts";
import { renderManifests } from "../../runtime/charts/render.ts";
import { isJsonObject } from "../../runtime/contract/json.ts";
import { allOptions, fullStack, plainStack } from "./pipelines.ts";

/** The sample pipeline on a plain stack, and every option on a full one. */
export const rendered: readonly { readonly name: string; readonly manifests: readonly Manifest[] }[] = [
  { name: "media", manifests: renderManifests({ pipeline: media.spec, stack: plainStack(media.spec) }) },
  { name: "all options", manifests: renderManifests({ pipeline: allOptions, stack: fullStack }) },
];

export const attempt = (module: string): JobAttempt => ({
  module,
  executionId: "0b0c6c1e-3a55-8c7e-9d2f-7d8e1f2a3b4c",
  attempt: 2,
  eventId: "5f0c2c1e-3a55-8c7e-9d2f-7d8e1f2a3b4c",
  correlationId: "7a0c2c1e-3a55-4c7e-9d2f-7d8e1f2a3b4c",
});

const configMap = z.object({ kind: z.literal("ConfigMap"), data: z.record(z.string(), z.string()) });

/** The files that a manifest's ConfigMap brings, parsed. */
export function readConfig({ objects }: Manifest): Record<string, unknown> {
  const found = objects.map((object) => configMap.safeParse(object)).find(({ success }) => success);
  assert.ok(found?.data);
  return Object.fromEntries(Object.entries(found.data.data).map(([file, text]) => [file, JSON.parse(text)]));
}

function isTemplate(value: unknown): value is JobTemplate {
  return isJsonObject(value) && value.kind === "Job" && isJsonObject(value.spec);
}

/** The Job of an attempt as the dispatcher would create it; none for a module on Batch. */
export function findJob(manifest: Manifest): KubernetesObject | undefined {
  const template = manifest.module === undefined ? undefined : readConfig(manifest)["job.json"];
  if (template === undefined || manifest.module === undefined) return undefined;
  assert.ok(isTemplate(template));
  return { ...fillJob(template, attempt(manifest.module)) };
}

/** All objects, and a Job of each module that has Jobs. */
export function listObjects(manifests: readonly Manifest[]): KubernetesObject[] {
  return manifests.flatMap((manifest) => {
    const job = findJob(manifest);
    return job === undefined ? [...manifest.objects] : [...manifest.objects, job];
  });
}

export function getManifest(manifests: readonly Manifest[], module: string | undefined): Manifest {
  const found = manifests.find((manifest) => manifest.module === module);
  assert.ok(found, `no manifest of ${module ?? "the platform"}`);
  return found;
}

const labels = z.record(z.string(), z.string());
const quantities = z.record(z.string(), z.union([z.string(), z.number()]));

const container = z.object({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  env: z
    .array(z.object({ name: z.string(), value: z.string().optional(), valueFrom: z.unknown().optional() }))
    .default([]),
  resources: z.object({ requests: quantities, limits: quantities }),
  securityContext: z.record(z.string(), z.unknown()),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
  startupProbe: z.unknown().optional(),
  livenessProbe: z.unknown().optional(),
  readinessProbe: z.unknown().optional(),
});

const podTemplate = z.object({
  metadata: z.object({ labels, annotations: labels.default({}) }),
  spec: z.object({
    serviceAccountName: z.string(),
    automountServiceAccountToken: z.boolean(),
    enableServiceLinks: z.boolean(),
    priorityClassName: z.string(),
    terminationGracePeriodSeconds: z.int(),
    nodeSelector: labels,
    tolerations: z.array(labels).default([]),
    securityContext: z.record(z.string(), z.unknown()),
    initContainers: z.array(container).default([]),
    containers: z.array(container),
    volumes: z.array(z.record(z.string(), z.unknown())),
  }),
});

const workload = z.object({ spec: z.object({ template: podTemplate }) });

/** A pod that a manifest makes sooner or later. */
export interface Pod extends z.infer<typeof podTemplate> {
  /** `<kind> <name>` of what makes it. */
  readonly owner: string;
}

export function readPod(object: KubernetesObject): Pod {
  return { ...workload.parse(object).spec.template, owner: `${object.kind} ${object.metadata.name}` };
}

export function listPods(manifests: readonly Manifest[]): Pod[] {
  return listObjects(manifests)
    .filter(({ kind }) => kind === "Deployment" || kind === "Job")
    .map(readPod);
}

export const componentOf = ({ metadata }: Pod): string =>
  metadata.labels["app.kubernetes.io/component"] ?? "";

/** The pods of a component, of which there is at least one. */
export function getPods(manifests: readonly Manifest[], component: string): Pod[] {
  const found = listPods(manifests).filter((pod) => componentOf(pod) === component);
  assert.ok(found.length > 0, `no pod of ${component}`);
  return found;
}

export const listContainers = ({ spec }: Pod) => [...spec.initContainers, ...spec.containers];
