import { type Construct, KubeLimitRange, KubePriorityClass, KubeResourceQuota } from "./kubernetes.ts";
import { priorityClass } from "./names.ts";
import { toQuantities } from "./resources.ts";

/** The platform's pods go before jobs, and jobs push nobody out: their events wait on the bus as well. */
function addPriorityClasses(scope: Construct, namespace: string): void {
  new KubePriorityClass(scope, "platform-priority", {
    metadata: { name: priorityClass.platform(namespace) },
    value: 100_000,
    description: "The parts of Ion that serve requests and dispatch events.",
  });
  new KubePriorityClass(scope, "jobs-priority", {
    metadata: { name: priorityClass.jobs(namespace) },
    value: 0,
    preemptionPolicy: "Never",
    description: "Jobs of modules.",
  });
}

/**
 * Bounds what a namespace may use, and what is more important in it.
 *
 * @param hard of the ResourceQuota
 */
export function addGuards(scope: Construct, namespace: string, hard: Readonly<Record<string, string>>): void {
  addPriorityClasses(scope, namespace);
  new KubeResourceQuota(scope, "quota", {
    metadata: { name: "ion", namespace },
    spec: { hard: toQuantities(hard) },
  });
  // Ion's own pods say what they need; this is for what somebody starts by hand.
  new KubeLimitRange(scope, "limits", {
    metadata: { name: "ion", namespace },
    spec: {
      limits: [
        {
          type: "Container",
          defaultRequest: toQuantities({ cpu: "100m", memory: "128Mi" }),
          default: toQuantities({ cpu: "500m", memory: "256Mi" }),
        },
      ],
    },
  });
}
