import type { KubernetesOptions } from "../contract/executor.ts";
import type { Toleration } from "./kubernetes.ts";

/** AKS gives spot pools this label, and a taint of the same key and value. https://learn.microsoft.com/azure/aks/spot-node-pool */
const spot = { key: "kubernetes.azure.com/scalesetpriority", value: "spot" } as const;

/** AKS gives nodes with a GPU this label. https://learn.microsoft.com/azure/aks/use-labels */
const gpu = { key: "kubernetes.azure.com/accelerator", value: "nvidia" } as const;

/** The taints that AKS's and NVIDIA's documents put on GPU pools. https://learn.microsoft.com/azure/aks/use-nvidia-gpu */
const gpuTaints: readonly Toleration[] = [
  { key: "sku", operator: "Equal", value: "gpu", effect: "NoSchedule" },
  { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
];

/** The nodes that a job may run on; without `spot` and `gpu` those pools' taints keep it away. */
export function schedule(options: KubernetesOptions): {
  readonly nodeSelector: Record<string, string>;
  readonly tolerations?: Toleration[];
} {
  const needsGpu = (options.gpu ?? 0) > 0;
  const tolerations = [
    ...(options.spot ? [{ ...spot, operator: "Equal", effect: "NoSchedule" }] : []),
    ...(needsGpu ? gpuTaints : []),
  ];
  return {
    nodeSelector: {
      "kubernetes.io/os": "linux",
      ...(options.spot && { [spot.key]: spot.value }),
      ...(needsGpu && { [gpu.key]: gpu.value }),
      ...options.nodeSelector,
    },
    ...(tolerations.length > 0 && { tolerations }),
  };
}
