import type { PodSecurityContext, SecurityContext } from "./kubernetes.ts";

/** The user and group that containers run as: the `nonroot` of distroless images. */
const nonRoot = 65_532;

const seccompProfile = { type: "RuntimeDefault" } as const;

/** What Pod Security's `restricted` asks of a pod, and a user that is not root whatever the image says. https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export const restrictedPod: PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: nonRoot,
  runAsGroup: nonRoot,
  // Owner of the volumes, so that all steps of a job may write the workspace.
  fsGroup: nonRoot,
  seccompProfile,
};

/** The same for a container, with nothing to write to but its volumes. */
export const restrictedContainer: SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: nonRoot,
  seccompProfile,
};

/** The labels that make a namespace enforce `restricted`. */
export const podSecurityLabels = {
  "pod-security.kubernetes.io/enforce": "restricted",
  "pod-security.kubernetes.io/audit": "restricted",
  "pod-security.kubernetes.io/warn": "restricted",
} as const;

/** Makes the webhook give a pod its service account's identity. https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html */
export const useIdentityLabel = { "azure.workload.identity/use": "true" } as const;

/** Names the containers that the webhook must leave alone; the same source. */
export const skipIdentity = (...containers: readonly string[]): Readonly<Record<string, string>> => ({
  "azure.workload.identity/skip-containers": containers.join(";"),
});

/** Says which identity a service account stands for. */
export const identityAnnotations = (
  clientId: string,
  tenantId: string,
): Readonly<Record<string, string>> => ({
  "azure.workload.identity/client-id": clientId,
  "azure.workload.identity/tenant-id": tenantId,
});
