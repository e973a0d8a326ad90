import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { renderManifests } from "../../runtime/charts/render.ts";
import type { KubernetesOptions } from "../../runtime/contract/executor.ts";
import type { ModuleSpec } from "../../runtime/contract/module.ts";
import { allOptions, fullStack } from "./pipelines.ts";
import { findJob, getManifest, readPod, rendered } from "./rendered.ts";

const manifests = rendered[1]?.manifests ?? [];

const render = (name: string, change: Partial<ModuleSpec>) => {
  const modules = allOptions.modules.map((module) =>
    module.name === name ? { ...module, ...change } : module,
  );
  return getManifest(renderManifests({ pipeline: { ...allOptions, modules }, stack: fullStack }), name);
};

function podWith(options: KubernetesOptions) {
  const job = findJob(render("full", { executor: { kind: "kubernetes", ...options } }));
  assert.ok(job);
  return readPod(job).spec;
}

const spotTaint = {
  key: "kubernetes.azure.com/scalesetpriority",
  operator: "Equal",
  value: "spot",
  effect: "NoSchedule",
};

test("a job that asks for spot nodes goes there and nowhere else", () => {
  const { nodeSelector, tolerations } = podWith({ spot: true });
  assert.equal(nodeSelector["kubernetes.azure.com/scalesetpriority"], "spot");
  assert.deepEqual(tolerations, [spotTaint]);
});

test("a job that asks for a GPU gets one on a node that has one", () => {
  const { nodeSelector, tolerations, initContainers } = podWith({ gpu: 2 });
  assert.equal(nodeSelector["kubernetes.azure.com/accelerator"], "nvidia");
  assert.deepEqual(
    tolerations.map(({ key }) => key),
    ["sku", "nvidia.com/gpu"],
  );
  const gpus = initContainers.map(({ resources }) => resources.limits["nvidia.com/gpu"]);
  assert.deepEqual(gpus, [undefined, "2"]);
});

test("a job that asks for neither is kept off spot and GPU nodes", () => {
  const { nodeSelector, tolerations } = podWith({});
  assert.deepEqual(nodeSelector, { "kubernetes.io/os": "linux" });
  assert.deepEqual(tolerations, []);
});

test("a job has the node labels and the priority that its module names", () => {
  const { nodeSelector, priorityClassName } = podWith({ nodeSelector: { disk: "nvme" }, priority: "urgent" });
  assert.equal(nodeSelector.disk, "nvme");
  assert.equal(priorityClassName, "urgent");
});

test("jobs come after the platform and push nobody out", () => {
  assert.equal(podWith({}).priorityClassName, "studio-jobs");
  const [platform, jobs] = getManifest(manifests, undefined).objects.filter(
    ({ kind }) => kind === "PriorityClass",
  );
  assert.ok(platform && jobs);
  assert.deepEqual([platform.metadata.name, jobs.metadata.name], ["studio-platform", "studio-jobs"]);
  assert.ok(Number(platform.value) > Number(jobs.value));
  assert.equal(jobs.preemptionPolicy, "Never");
});

test("the workspace is as large as the module's scratch disk, and its step may fill it", () => {
  const { volumes, initContainers } = podWith({ ephemeralStorage: "50Gi" });
  assert.deepEqual(
    volumes.find(({ name }) => name === "workspace"),
    { name: "workspace", emptyDir: { sizeLimit: "50Gi" } },
  );
  for (const { resources } of initContainers) assert.equal(resources.limits["ephemeral-storage"], "50Gi");
});

const scaledObject = z.object({
  kind: z.literal("ScaledObject"),
  spec: z.object({
    scaleTargetRef: z.object({ name: z.string() }),
    minReplicaCount: z.int(),
    maxReplicaCount: z.int(),
    triggers: z.array(z.object({ type: z.string(), metadata: z.record(z.string(), z.string()) })),
  }),
});

function readScaling(name: string, scale: ModuleSpec["scale"]) {
  const { objects } = render(name, { scale });
  const found = objects.map((object) => scaledObject.safeParse(object)).find(({ success }) => success);
  assert.ok(found?.data);
  return { ...found.data.spec, objects };
}

test("a module with a minimum of 0 sleeps until an event waits for it", () => {
  const { minReplicaCount, scaleTargetRef, objects } = readScaling("full", {
    min: 0,
    max: 4,
    targetQueueLength: 3,
  });
  assert.equal(minReplicaCount, 0);
  const [dispatcher] = objects.filter(({ kind }) => kind === "Deployment");
  assert.equal(scaleTargetRef.name, dispatcher?.metadata.name);
  // A number of replicas in the manifest would wake it on every apply.
  assert.equal(JSON.stringify(dispatcher).includes('"replicas"'), false);
});

test("a module is scaled by each of its subscriptions, once", () => {
  const { triggers, maxReplicaCount } = readScaling("full", { min: 1, max: 4, targetQueueLength: 3 });
  assert.equal(maxReplicaCount, 4);
  assert.deepEqual(
    triggers.map(({ type, metadata }) => ({ type, ...metadata })),
    ["arrived", "ion.flow_completed"].map((topicName) => ({
      type: "azure-servicebus",
      namespace: "ion-example",
      topicName,
      subscriptionName: "full",
      messageCount: "3",
    })),
  );
});

test("KEDA reads queues with an identity, not with a key", () => {
  for (const { objects, module } of manifests.filter((each) => each.module !== undefined)) {
    const [authentication] = objects.filter(({ kind }) => kind === "TriggerAuthentication");
    const podIdentity = { provider: "azure-workload", identityId: fullStack.azure.clientIds.keda };
    assert.deepEqual(authentication?.spec, { podIdentity }, module);
  }
});

test("a module on Batch has a dispatcher, and nothing of jobs in the cluster", () => {
  const manifest = getManifest(manifests, "on-batch");
  assert.equal(findJob(manifest), undefined);
  assert.deepEqual(
    manifest.objects.map(({ kind, metadata }) => `${kind} ${metadata.name.replace(/-[0-9a-f]{10}$/, "")}`),
    [
      "ConfigMap dispatcher-on-batch",
      "ServiceAccount dispatcher-on-batch",
      "RoleBinding dispatcher-on-batch",
      "Deployment dispatcher-on-batch",
      "TriggerAuthentication dispatcher-on-batch",
      "ScaledObject dispatcher-on-batch",
    ],
  );
});
