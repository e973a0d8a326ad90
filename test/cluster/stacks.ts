import { createHash } from "node:crypto";
import { z } from "zod";
import media from "../../modules/index.ts";
import type { AzureSettings, ChartProps, Stack } from "../../runtime/charts/props.ts";
import {
  batch,
  days,
  defineModule,
  event,
  flowCompleted,
  gibibytes,
  kubernetes,
  mebibytes,
  minutes,
  pipeline,
  process,
  seconds,
} from "../../runtime/contract/index.ts";

const digest = (name: string): string => createHash("sha256").update(name).digest("hex");
const image = (name: string): string => `iontest.azurecr.io/${name}@sha256:${digest(name)}`;

function clientId(name: string): string {
  const hex = digest(name);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const azure: AzureSettings = {
  tenantId: clientId("tenant"),
  serviceBusNamespace: "iontest",
  blobEndpoint: "https://iontest.blob.core.windows.net",
  cosmosEndpoint: "https://iontest.documents.azure.com:443/",
  batchEndpoint: "https://iontest.westeurope.batch.azure.com",
  clientIds: {
    gateway: clientId("gateway"),
    management: clientId("management"),
    sweeper: clientId("sweeper"),
    dispatcher: clientId("dispatcher"),
    job: clientId("job"),
    keda: clientId("keda"),
  },
};

const imagesOf = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, image(name)]));

/** The sample pipeline with as little said about its stack as may be. */
export const sample: ChartProps = {
  pipeline: media.spec,
  stack: {
    name: "dev",
    runtimeImage: image("runtime"),
    images: imagesOf(media.modules.map(({ name }) => name)),
    azure,
  },
};

const measured = event("measured.v1", z.object({ kind: z.enum(["a", "b"]), ok: z.boolean(), size: z.int() }));
const reported = event("reported", z.object({ text: z.string() }), { files: false });

// Names of every length that is allowed, and settings that a careless template would spoil.
const longest = "m".repeat(40);
const settings = {
  EMPTY: "",
  LOOKS_LIKE_YAML: "yes",
  LOOKS_LIKE_A_NUMBER: "0123e4",
  LINES: "one\n  two: [\n\ttab\n",
  QUOTES: `'"\\\${HOME} $(PATH) {{ .Values }} %s`,
  UNICODE: "Ünïcødé 漢字 🚀",
};

const onGpu = defineModule({
  name: longest,
  on: [measured.where({ kind: "a", ok: true }), measured.where({ kind: "b" })],
  emits: [measured, reported],
  image: image(longest),
  command: ["python3", "-u", "main.py", "--text", "a b"],
  executor: kubernetes({
    cpu: 0.25,
    memory: mebibytes(1_536),
    gpu: 2,
    ephemeralStorage: gibibytes(20),
    spot: true,
    nodeSelector: { "kubernetes.io/arch": "amd64", "example.com/zone": "west-1" },
  }),
  timeout: minutes(90),
  retry: { attempts: 7, minDelay: seconds(2), maxDelay: minutes(10), permanentExitCodes: [3, 100] },
  concurrency: 25,
  scale: { min: 2, max: 40, targetQueueLength: 3 },
  config: settings,
  secrets: { API_KEY: { name: "api-key" }, OTHER_KEY: { name: "other-key" } },
  limits: { size: gibibytes(8), files: 10, events: 5 },
  retention: days(7),
  version: "1.2.3+build.4",
});

const onBatch = defineModule({
  name: "on-batch",
  on: measured,
  image: image("on-batch"),
  command: ["./run"],
  executor: batch({
    cpu: 8,
    memory: "64Gi",
    gpu: 1,
    ephemeralStorage: "200Gi",
    spot: true,
    priority: -500,
    pool: "big",
  }),
});

const asProcess = defineModule({
  name: "1",
  on: measured,
  emits: [],
  image: image("1"),
  command: ["true"],
  executor: process({ workingDirectory: "modules" }),
});

const joining = defineModule({
  name: "joining",
  on: flowCompleted,
  joins: [measured, reported],
  image: image("joining"),
  command: ["node", "main.ts"],
  // A class that every cluster has.
  executor: kubernetes({ priority: "system-cluster-critical" }),
});

const everything = pipeline("p".repeat(40), [onGpu, onBatch, asProcess, joining], { sources: [measured] });

const stack: Stack = {
  name: "s".repeat(20),
  runtimeImage: image("runtime"),
  images: { joining: image("joining-2") },
  azure: {
    ...azure,
    clientIds: {
      ...azure.clientIds,
      modules: { [longest]: { dispatcher: clientId("own dispatcher"), job: clientId("own job") } },
    },
  },
  network: {
    clusterRanges: ["10.244.0.0/16", "10.0.0.0/16"],
    apiServerRanges: ["10.0.0.1/32", "10.9.0.4/32"],
    azureRanges: ["10.9.1.0/24", "0.0.0.0/0"],
    ingressNamespace: "ingress",
  },
  ingress: { host: "ion.example.com", tlsSecretName: "ion-tls", className: "nginx" },
  gateway: { replicas: 5, resources: { cpu: "250m", memory: "384Mi", cpuLimit: "2", memoryLimit: "1Gi" } },
  management: { replicas: 1, resources: { cpu: "1", memory: "1Gi" } },
  sweeper: { resources: { cpu: "50m", memory: "128Mi" } },
  dispatchers: { resources: { cpu: "500m", memory: "512Mi" }, drainSeconds: 900, concurrency: 4 },
  quota: {
    pods: "100",
    "count/jobs.batch": "200",
    "requests.cpu": "64",
    "limits.memory": "256Gi",
    "requests.nvidia.com/gpu": "4",
  },
  modules: {
    joining: {
      scale: { min: 0, max: 3 },
      resources: { cpu: 2, memory: "4Gi" },
      concurrency: 2,
      config: { EXTRA: "here" },
      egressPorts: [22, 8_443],
    },
  },
};

/** Every option that a module and a stack have, with the longest names. */
export const allOptions: ChartProps = { pipeline: everything.spec, stack };
