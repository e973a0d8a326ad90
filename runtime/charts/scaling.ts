import type { ModuleSpec } from "../contract/module.ts";
import { ApiObject, type Construct } from "./kubernetes.ts";
import type { AzureSettings } from "./props.ts";

const apiVersion = "keda.sh/v1alpha1";

export interface ScalingProps {
  /** Of the dispatcher's Deployment, and of the objects made here. */
  readonly name: string;
  readonly namespace: string;
  readonly module: ModuleSpec;
  readonly azure: AzureSettings;
}

/** One per subscription: an event type that is filtered twice is still one subscription. */
function makeTriggers({ name, module, azure }: ScalingProps): object[] {
  return [...new Set(module.on.map(({ type }) => type))].map((topicName) => ({
    type: "azure-servicebus",
    metadata: {
      namespace: azure.serviceBusNamespace,
      topicName,
      subscriptionName: module.name,
      messageCount: String(module.scale.targetQueueLength),
    },
    authenticationRef: { name },
  }));
}

/**
 * Scales a dispatcher by what waits for it. A message that an execution works on is locked, which
 * counts as waiting, so that a dispatcher with work is not scaled to zero.
 * https://keda.sh/docs/latest/scalers/azure-service-bus/
 */
export function addScaling(scope: Construct, props: ScalingProps): void {
  const { name, namespace, module, azure } = props;
  new ApiObject(scope, "trigger-authentication", {
    apiVersion,
    kind: "TriggerAuthentication",
    metadata: { name, namespace },
    spec: { podIdentity: { provider: "azure-workload", identityId: azure.clientIds.keda } },
  });
  new ApiObject(scope, "scaled-object", {
    apiVersion,
    kind: "ScaledObject",
    metadata: { name, namespace },
    spec: {
      scaleTargetRef: { name },
      minReplicaCount: module.scale.min,
      maxReplicaCount: module.scale.max,
      // Seconds: how long an event may wait for a sleeping module, and how long an idle one stays.
      pollingInterval: 5,
      cooldownPeriod: 300,
      triggers: makeTriggers(props),
    },
  });
}
