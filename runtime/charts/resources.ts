import type { KubernetesQuantity, Resources } from "../contract/executor.ts";
import type { Size } from "../contract/size.ts";
import { Quantity, type ResourceRequirements } from "./kubernetes.ts";
import type { PartResources } from "./props.ts";

/** What a module's container gets where its declaration doesn't say. */
export const defaultModuleResources = { cpu: 1, memory: "1Gi", ephemeralStorage: "10Gi" } as const;

/** What a part of the platform, a dispatcher, and a job's prepare and commit steps get. */
export const defaultPartResources: PartResources = {
  cpu: "100m",
  memory: "256Mi",
  cpuLimit: "1",
  memoryLimit: "512Mi",
};

export const toQuantities = (amounts: Readonly<Record<string, string>>): Record<string, Quantity> =>
  Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, Quantity.fromString(amount)]));

/** Says an amount of bytes as Kubernetes does. */
export function formatQuantity(size: Size | KubernetesQuantity): string {
  if (typeof size === "string") return size;
  const mebibytes = size.bytes / 2 ** 20;
  return Number.isInteger(mebibytes) ? `${mebibytes}Mi` : String(size.bytes);
}

/** Says cores in thousandths, the finest that Kubernetes knows. */
export const formatCores = (cores: number): string => `${Math.max(1, Math.round(cores * 1_000))}m`;

/** The workspace's largest size. */
export const workspaceLimit = ({ ephemeralStorage }: Resources): string =>
  formatQuantity(ephemeralStorage ?? defaultModuleResources.ephemeralStorage);

/** What a module's container asks for, which is also all it may use. */
export function moduleResources(resources: Resources): ResourceRequirements {
  const { cpu, memory, gpu = 0 } = resources;
  const amounts = toQuantities({
    cpu: formatCores(cpu ?? defaultModuleResources.cpu),
    memory: formatQuantity(memory ?? defaultModuleResources.memory),
    "ephemeral-storage": workspaceLimit(resources),
    // A GPU's request must equal its limit. https://kubernetes.io/docs/tasks/manage-gpus/scheduling-gpus/
    ...(gpu > 0 && { "nvidia.com/gpu": String(gpu) }),
  });
  return { requests: amounts, limits: amounts };
}

/** What a container of the runtime asks for and may use. @param storage scratch disk, as a quantity */
export function partResources(
  resources: PartResources = defaultPartResources,
  storage = "128Mi",
): ResourceRequirements {
  const { cpu, memory, cpuLimit = cpu, memoryLimit = memory } = resources;
  return {
    requests: toQuantities({ cpu, memory, "ephemeral-storage": storage }),
    limits: toQuantities({ cpu: cpuLimit, memory: memoryLimit, "ephemeral-storage": storage }),
  };
}
