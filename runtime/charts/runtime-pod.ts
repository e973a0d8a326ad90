import { type Container, IntOrString, type PodTemplateSpec, Quantity } from "./kubernetes.ts";
import { allLabels, type Labels, type Part } from "./names.ts";
import type { PartResources } from "./props.ts";
import { partResources } from "./resources.ts";
import { restrictedContainer, restrictedPod, useIdentityLabel } from "./security.ts";

/** Where the runtime finds its configuration, one file per key of its ConfigMap. */
export const configFolder = "/etc/ion";

/** Ports by name; a part without HTTP of its own has `health` only. */
export const ports = { http: 8_080, health: 8_081 } as const;

/** Volumes and mounts that every container of the runtime has: its configuration, and a place for temporary files. */
export const runtimeMounts = [
  { name: "config", mountPath: configFolder, readOnly: true },
  { name: "tmp", mountPath: "/tmp" },
];

export const runtimeVolumes = (configMap: string) => [
  { name: "config", configMap: { name: configMap } },
  { name: "tmp", emptyDir: { sizeLimit: Quantity.fromString("64Mi") } },
];

/** A pod in which one part of the runtime runs. */
export interface RuntimePod {
  readonly part: Part | "dispatcher";
  readonly image: string;
  readonly selector: Labels;
  readonly version: string;
  readonly serviceAccount: string;
  /** Whether it gets a token for the API server. */
  readonly callsApiServer: boolean;
  readonly configMap: string;
  readonly hasHttp: boolean;
  readonly priorityClass: string;
  /** From SIGTERM, which starts the drain, to SIGKILL. */
  readonly graceSeconds: number;
  readonly resources: PartResources | undefined;
}

const probe = (path: string, periodSeconds: number, failureThreshold: number) => ({
  httpGet: { path, port: IntOrString.fromString("health") },
  periodSeconds,
  timeoutSeconds: 3,
  failureThreshold,
});

function runtimeContainer({ part, image, hasHttp, resources }: RuntimePod): Container {
  const names = hasHttp ? (["http", "health"] as const) : (["health"] as const);
  return {
    name: part,
    image,
    imagePullPolicy: "IfNotPresent",
    args: [part],
    ports: names.map((name) => ({ name, containerPort: ports[name], protocol: "TCP" })),
    startupProbe: probe("/healthz", 1, 60),
    livenessProbe: probe("/healthz", 10, 6),
    readinessProbe: probe("/readyz", 5, 2),
    resources: partResources(resources),
    securityContext: restrictedContainer,
    volumeMounts: runtimeMounts,
  };
}

export function runtimePod(pod: RuntimePod): PodTemplateSpec {
  return {
    metadata: { labels: { ...allLabels(pod.selector, pod.version), ...useIdentityLabel } },
    spec: {
      serviceAccountName: pod.serviceAccount,
      automountServiceAccountToken: pod.callsApiServer,
      // Else the pod's environment lists every Service of the namespace.
      enableServiceLinks: false,
      priorityClassName: pod.priorityClass,
      terminationGracePeriodSeconds: pod.graceSeconds,
      nodeSelector: { "kubernetes.io/os": "linux" },
      securityContext: restrictedPod,
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "kubernetes.io/hostname",
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: { ...pod.selector } },
        },
      ],
      containers: [runtimeContainer(pod)],
      volumes: runtimeVolumes(pod.configMap),
    },
  };
}
