import { z } from "zod";
import type { Stack } from "../../runtime/charts/props.ts";
import type { PipelineSpec } from "../../runtime/contract/check.ts";
import { days, seconds } from "../../runtime/contract/duration.ts";
import { event, flowCompleted } from "../../runtime/contract/event.ts";
import { batch, kubernetes } from "../../runtime/contract/executor.ts";
import { defineModule } from "../../runtime/contract/module.ts";
import { pipeline } from "../../runtime/contract/pipeline.ts";
import { mebibytes } from "../../runtime/contract/size.ts";

/** An image by a digest that is all one digit. */
export const image = (name: string, digit = "a"): string =>
  `registry.example/${name}@sha256:${digit.repeat(64)}`;

const clientId = (digit: number): string => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`;

const azure: Stack["azure"] = {
  tenantId: clientId(9),
  serviceBusNamespace: "ion-example",
  blobEndpoint: "https://ionexample.blob.core.windows.net",
  cosmosEndpoint: "https://ionexample.documents.azure.com:443/",
  batchEndpoint: "https://ionexample.westeurope.batch.azure.com",
  clientIds: {
    gateway: clientId(1),
    management: clientId(2),
    sweeper: clientId(3),
    dispatcher: clientId(4),
    job: clientId(5),
    keda: clientId(6),
  },
};

/** A stack that says no more than it must. */
export const plainStack = (spec: PipelineSpec): Stack => ({
  name: "dev",
  runtimeImage: image("ion", "0"),
  images: Object.fromEntries(spec.modules.map(({ name }) => [name, image(name)])),
  azure,
});

const arrived = event("arrived", z.object({ kind: z.enum(["video", "image"]), from: z.string() }));
const cut = event("cut", z.object({ seconds: z.number() }));

/** Says only what it must. */
const plain = defineModule({ name: "plain", on: cut, command: ["node", "main.ts"] });

/** Says all that a module can say. */
const full = defineModule({
  name: "full",
  on: [arrived.where({ kind: "video" }), arrived.where({ from: "studio" }), flowCompleted],
  emits: [cut],
  joins: [cut],
  image: image("full", "f"),
  command: ["python3", "main.py", "--price", "$(PRICE)"],
  executor: kubernetes({
    cpu: 2.5,
    memory: mebibytes(1_500),
    gpu: 1,
    ephemeralStorage: "50Gi",
    spot: true,
    priority: "urgent",
    nodeSelector: { "example.com/disk": "nvme" },
  }),
  timeout: seconds(90),
  retry: { attempts: 5, permanentExitCodes: [3] },
  concurrency: 7,
  scale: { min: 1, max: 9, targetQueueLength: 4 },
  config: { PRICE: "5 $ or $(HOME)", NOTE: "yes", LINES: "one\n two\n" },
  secrets: { TOKEN: { name: "studio-token" } },
  limits: { size: mebibytes(10), files: 3, events: 2 },
  retention: days(60),
  version: "2.1.0+build 7",
});

const onBatch = defineModule({
  name: "on-batch",
  on: arrived,
  image: image("on-batch", "b"),
  command: ["ffmpeg"],
  executor: batch({ gpu: 1, spot: true, pool: "gpu", priority: 5 }),
});

/** Every option of modules and, with `fullStack`, of stacks. */
export const allOptions: PipelineSpec = pipeline("all-options", [plain, full, onBatch], {
  sources: [arrived],
}).spec;

export const fullStack: Stack = {
  name: "prod",
  namespace: "studio",
  runtimeImage: image("ion", "1"),
  images: { plain: image("plain", "c") },
  azure: {
    ...azure,
    clientIds: { ...azure.clientIds, modules: { full: { dispatcher: clientId(7), job: clientId(8) } } },
  },
  network: {
    clusterRanges: ["10.0.0.0/8"],
    apiServerRanges: ["20.1.2.3/32"],
    azureRanges: ["10.9.0.0/24"],
    ingressNamespace: "ingress",
  },
  ingress: { host: "ion.example.com", tlsSecretName: "ion-tls", className: "nginx" },
  gateway: { replicas: 3, resources: { cpu: "500m", memory: "512Mi" } },
  management: { replicas: 1 },
  sweeper: { resources: { cpu: "50m", memory: "128Mi", cpuLimit: "500m", memoryLimit: "256Mi" } },
  dispatchers: { resources: { cpu: "200m", memory: "256Mi" }, drainSeconds: 120, concurrency: 20 },
  quota: { pods: "50", "requests.cpu": "40" },
  modules: {
    plain: {
      scale: { min: 2, max: 3 },
      resources: { cpu: 0.25, memory: "64Mi" },
      concurrency: 2,
      config: { LEVEL: "high" },
      egressPorts: [443, 80],
    },
  },
};
