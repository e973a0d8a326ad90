import type { PipelineSpec } from "../contract/check.ts";
import type { ModuleSpec } from "../contract/module.ts";
import type { Topic } from "../contract/routing.ts";
import { moduleGraph } from "./graph.ts";
import { type JobTemplate, jobTemplate } from "./job.ts";
import {
  Chart,
  type Construct,
  KubeConfigMap,
  KubeDeployment,
  KubeNetworkPolicy,
  KubeRoleBinding,
  KubeServiceAccount,
} from "./kubernetes.ts";
import {
  allLabels,
  dispatcherRole,
  hashedName,
  imageVersion,
  type Labels,
  labelVersion,
  moduleNames,
  priorityClass,
  selectorLabels,
} from "./names.ts";
import { allowJob } from "./network.ts";
import { rolling } from "./rolling.ts";
import { runtimePod } from "./runtime-pod.ts";
import { addScaling } from "./scaling.ts";
import { identityAnnotations } from "./security.ts";
import { runtimeSettings, toFiles } from "./settings.ts";
import { type CompleteStack, getImage } from "./stack.ts";

export interface ModuleChartProps {
  /** With the stack's overrides applied. */
  readonly pipeline: PipelineSpec;
  readonly stack: CompleteStack;
  /** Of the whole pipeline, from `sortTopics()`. */
  readonly topics: readonly Topic[];
  readonly module: ModuleSpec;
}

/** What of a module runs, as a label's value. */
const versionOf = (module: ModuleSpec): string =>
  labelVersion(module.version ?? imageVersion(getImage(module)));

/** Whether its executions run in this cluster. */
const runsAsJob = ({ executor }: ModuleSpec): boolean => executor.kind !== "batch";

/** Runs one module: its dispatcher, what scales it, and what its jobs may do. */
export class ModuleChart extends Chart {
  constructor(scope: Construct, props: ModuleChartProps) {
    const { pipeline, module } = props;
    const name = moduleNames.dispatcher(module.name);
    const selector = selectorLabels(pipeline.name, "dispatcher", module.name);
    super(scope, module.name, { labels: { ...allLabels(selector, versionOf(module)) } });
    const configMap = this.#addConfig(name, props);
    this.#addAccounts(name, props);
    this.#addDispatcher(name, selector, configMap, props);
    const { namespace, azure } = props.stack;
    addScaling(this, { name, namespace, module, azure });
    if (runsAsJob(module)) this.#addJobPolicy(props);
  }

  /** @returns the ConfigMap's name */
  #addConfig(name: string, props: ModuleChartProps): string {
    const { namespace } = props.stack;
    // The job's template names the ConfigMap that it lies in, so the hash is taken without that name.
    const configMap = hashedName(name, toFiles(makeConfig(props, "")));
    const data = toFiles(makeConfig(props, configMap));
    new KubeConfigMap(this, "config", { metadata: { name: configMap, namespace }, immutable: true, data });
    return configMap;
  }

  #addAccounts(name: string, { module, stack }: ModuleChartProps): void {
    const { namespace, azure } = stack;
    const clientIds = azure.clientIds.modules?.[module.name] ?? azure.clientIds;
    const add = (id: "dispatcher" | "job", account: string) => {
      const annotations = identityAnnotations(clientIds[id], azure.tenantId);
      new KubeServiceAccount(this, `${id}-account`, {
        metadata: { name: account, namespace, annotations },
        automountServiceAccountToken: false,
      });
    };
    add("dispatcher", name);
    if (runsAsJob(module)) add("job", moduleNames.job(module.name));
    new KubeRoleBinding(this, "binding", {
      metadata: { name, namespace },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: dispatcherRole },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    });
  }

  #addDispatcher(name: string, selector: Labels, configMap: string, { module, stack }: ModuleChartProps) {
    const { namespace } = stack;
    new KubeDeployment(this, "dispatcher", {
      metadata: { name, namespace },
      // No replicas: they are KEDA's to choose, and a number here would undo its choice on every apply.
      spec: {
        ...rolling(selector),
        template: runtimePod({
          part: "dispatcher",
          image: stack.runtimeImage,
          selector,
          version: versionOf(module),
          serviceAccount: name,
          callsApiServer: true,
          configMap,
          hasHttp: false,
          priorityClass: priorityClass.platform(namespace),
          // After the drain it hands back what still runs, which takes seconds.
          graceSeconds: stack.drainSeconds + 30,
          resources: stack.dispatchers?.resources,
        }),
      },
    });
  }

  #addJobPolicy({ pipeline, module, stack }: ModuleChartProps): void {
    const selector = selectorLabels(pipeline.name, "job", module.name);
    new KubeNetworkPolicy(this, "job-policy", {
      metadata: { name: moduleNames.job(module.name), namespace: stack.namespace },
      spec: allowJob(selector, stack.network, stack.modules?.[module.name]?.egressPorts ?? []),
    });
  }
}

function makeJob({ pipeline, module, stack }: ModuleChartProps, configMap: string): JobTemplate {
  return jobTemplate({
    module,
    image: getImage(module),
    runtimeImage: stack.runtimeImage,
    namespace: stack.namespace,
    selector: selectorLabels(pipeline.name, "job", module.name),
    version: versionOf(module),
    configMap,
  });
}

/** What a dispatcher and its jobs find in their configuration folder, a file each. */
function makeConfig(props: ModuleChartProps, configMap: string) {
  const { pipeline, topics, module, stack } = props;
  return {
    module: moduleGraph(pipeline, topics, module),
    settings: runtimeSettings(stack),
    // For management, whose own copy of the stack has nothing of single modules in it.
    overrides: stack.modules?.[module.name] ?? {},
    ...(runsAsJob(module) && { job: makeJob(props, configMap) }),
  };
}
