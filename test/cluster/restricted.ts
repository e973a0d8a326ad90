import type { KubernetesObject } from "../../runtime/charts/props.ts";

// Written by hand, so that they say what the cluster does and nothing about our charts.

export const namespace: KubernetesObject = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "by-hand", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
};

/** A running cluster makes one in each namespace. */
export const defaultAccount = (namespace: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: "default", namespace },
});

const securityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};

/** @param container what is other than in a pod that `restricted` admits */
export function podSpec(pod: object = {}, container: object = {}) {
  return {
    containers: [
      { name: "main", image: "example.com/main:1", securityContext: { ...securityContext, ...container } },
    ],
    ...pod,
  };
}

export const pod = (spec: object): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "main", namespace: "by-hand" },
  spec,
});

export const deployment = (spec: object = {}): KubernetesObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "main", namespace: "by-hand" },
  spec: {
    selector: { matchLabels: { app: "main" } },
    template: { metadata: { labels: { app: "main" } }, spec: podSpec() },
    ...spec,
  },
});

export const job = (namespace: string): KubernetesObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "main", namespace },
  spec: { template: { spec: podSpec({ restartPolicy: "Never" }) } },
});

export const scaledObject = (spec: object = {}): KubernetesObject => ({
  apiVersion: "keda.sh/v1alpha1",
  kind: "ScaledObject",
  metadata: { name: "main", namespace: "by-hand" },
  spec: {
    scaleTargetRef: { name: "main" },
    triggers: [{ type: "azure-servicebus", metadata: { queueName: "main", namespace: "example" } }],
    ...spec,
  },
});

/** What Pod Security must refuse, by the words of its answer. */
export const unrestricted: readonly { readonly why: string; readonly spec: object }[] = [
  { why: "privileged", spec: podSpec({}, { privileged: true, allowPrivilegeEscalation: true }) },
  { why: "allowPrivilegeEscalation", spec: podSpec({}, { allowPrivilegeEscalation: true }) },
  { why: "runAsNonRoot", spec: podSpec({}, { runAsNonRoot: false }) },
  { why: "runAsUser=0", spec: podSpec({}, { runAsUser: 0 }) },
  { why: "seccompProfile", spec: podSpec({}, { seccompProfile: { type: "Unconfined" } }) },
  { why: "capabilities", spec: podSpec({}, { capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] } }) },
  { why: "host namespaces", spec: podSpec({ hostNetwork: true }) },
  { why: "hostPath", spec: podSpec({ volumes: [{ name: "root", hostPath: { path: "/" } }] }) },
];
