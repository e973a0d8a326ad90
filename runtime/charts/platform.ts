import type { PipelineSpec } from "../contract/check.ts";
import { platformGraph } from "./graph.ts";
import { addGuards } from "./guards.ts";
import { addIngress } from "./ingress.ts";
import {
  Chart,
  type Construct,
  IntOrString,
  KubeConfigMap,
  KubeDeployment,
  KubeNamespace,
  KubeNetworkPolicy,
  KubePodDisruptionBudget,
  KubeRole,
  KubeRoleBinding,
  KubeService,
  KubeServiceAccount,
  type NetworkPolicySpec,
  type PolicyRule,
} from "./kubernetes.ts";
import {
  dispatcherRole,
  hashedName,
  imageVersion,
  type Labels,
  type Part,
  priorityClass,
  selectorLabels,
} from "./names.ts";
import { allowApiServer, allowAzure, allowDns, allowGateway, denyAll } from "./network.ts";
import { dispatcherRules, managementRules } from "./roles.ts";
import { rolling } from "./rolling.ts";
import { ports, runtimePod } from "./runtime-pod.ts";
import { identityAnnotations, podSecurityLabels } from "./security.ts";
import { managementStack, runtimeSettings, toFiles } from "./settings.ts";
import type { CompleteStack } from "./stack.ts";

export interface PlatformChartProps {
  /** With the stack's overrides applied. */
  readonly pipeline: PipelineSpec;
  readonly stack: CompleteStack;
}

/** How long a stopping part may end the requests it has, in seconds. */
const graceSeconds = 60;

/** What every stack has once: where modules live, the ways in, and who looks after flows. */
export class PlatformChart extends Chart {
  readonly #namespace: string;
  readonly #props: PlatformChartProps;

  constructor(scope: Construct, props: PlatformChartProps) {
    const { pipeline, stack } = props;
    const version = imageVersion(stack.runtimeImage);
    const labels = {
      "app.kubernetes.io/name": "ion",
      "app.kubernetes.io/part-of": pipeline.name,
      "app.kubernetes.io/version": version,
      "app.kubernetes.io/managed-by": "ion",
    };
    super(scope, "platform", { labels });
    this.#namespace = stack.namespace;
    this.#props = props;
    new KubeNamespace(this, "namespace", { metadata: { name: stack.namespace, labels: podSecurityLabels } });
    addGuards(this, stack.namespace, stack.quota);
    this.#addPolicies();
    this.#addRole("dispatcher", dispatcherRole, dispatcherRules);
    const configMap = this.#addConfig();
    this.#addGateway(configMap);
    this.#addManagement(configMap);
    this.#addSweeper(configMap);
  }

  #addPolicies(): void {
    const { pipeline, stack } = this.#props;
    this.#addPolicy("default-deny", denyAll);
    this.#addPolicy("allow-dns", allowDns);
    this.#addPolicy("allow-azure", allowAzure(pipeline.name, stack.network));
    this.#addPolicy("allow-api-server", allowApiServer(pipeline.name, stack.network));
    this.#addPolicy("allow-gateway", allowGateway(this.#selector("gateway"), ports.http, stack.network));
  }

  #addPolicy(name: string, spec: NetworkPolicySpec): void {
    new KubeNetworkPolicy(this, name, { metadata: { name, namespace: this.#namespace }, spec });
  }

  #addRole(id: string, name: string, rules: PolicyRule[]): void {
    new KubeRole(this, `${id}-role`, { metadata: { name, namespace: this.#namespace }, rules });
  }

  /** @returns the ConfigMap's name */
  #addConfig(): string {
    const { pipeline, stack } = this.#props;
    const data = toFiles({
      graph: platformGraph(pipeline),
      settings: runtimeSettings(stack),
      stack: managementStack(stack),
    });
    const name = hashedName("platform", data);
    new KubeConfigMap(this, "config", {
      metadata: { name, namespace: this.#namespace },
      immutable: true,
      data,
    });
    return name;
  }

  #addGateway(configMap: string): void {
    this.#addAccount("gateway");
    this.#addDeployment("gateway", configMap, { hasHttp: true, callsApiServer: false });
    this.#addService("gateway");
    const { ingress } = this.#props.stack;
    if (ingress !== undefined) addIngress(this, this.#namespace, ingress);
  }

  #addManagement(configMap: string): void {
    const namespace = this.#namespace;
    this.#addAccount("management");
    this.#addRole("management", "management", managementRules);
    new KubeRoleBinding(this, "management-binding", {
      metadata: { name: "management", namespace },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "management" },
      subjects: [{ kind: "ServiceAccount", name: "management", namespace }],
    });
    this.#addDeployment("management", configMap, { hasHttp: true, callsApiServer: true });
    this.#addService("management");
  }

  /** A Deployment of one, not a CronJob: it looks every few seconds at what is due, and a pod a minute would cost more than it does. Two of them for a moment do no harm, as all it does may be repeated. */
  #addSweeper(configMap: string): void {
    this.#addAccount("sweeper");
    this.#addDeployment("sweeper", configMap, { hasHttp: false, callsApiServer: false });
  }

  #selector(part: Part): Labels {
    return selectorLabels(this.#props.pipeline.name, part, part);
  }

  /** Labels of a part's objects, in place of the chart's. */
  #metadata(part: Part, name: string = part) {
    return { name, namespace: this.#namespace, labels: { ...this.#selector(part) } };
  }

  #addAccount(part: Part): void {
    const { clientIds, tenantId } = this.#props.stack.azure;
    new KubeServiceAccount(this, `${part}-account`, {
      metadata: { ...this.#metadata(part), annotations: identityAnnotations(clientIds[part], tenantId) },
      automountServiceAccountToken: false,
    });
  }

  #addDeployment(
    part: Part,
    configMap: string,
    needs: { readonly hasHttp: boolean; readonly callsApiServer: boolean },
  ): void {
    const { stack } = this.#props;
    const selector = this.#selector(part);
    const replicas = part === "sweeper" ? 1 : (stack[part]?.replicas ?? 2);
    new KubeDeployment(this, part, {
      metadata: this.#metadata(part),
      spec: {
        ...rolling(selector),
        replicas,
        template: runtimePod({
          part,
          image: stack.runtimeImage,
          selector,
          version: imageVersion(stack.runtimeImage),
          serviceAccount: part,
          configMap,
          priorityClass: priorityClass.platform(stack.namespace),
          graceSeconds,
          resources: stack[part]?.resources,
          ...needs,
        }),
      },
    });
    if (part === "sweeper") return;
    // At most one away, not at least one there: with a single replica a node could never be drained.
    new KubePodDisruptionBudget(this, `${part}-budget`, {
      metadata: this.#metadata(part),
      spec: { maxUnavailable: IntOrString.fromNumber(1), selector: { matchLabels: { ...selector } } },
    });
  }

  #addService(part: Part): void {
    new KubeService(this, `${part}-service`, {
      metadata: this.#metadata(part),
      spec: {
        selector: { ...this.#selector(part) },
        ports: [{ name: "http", port: 80, targetPort: IntOrString.fromString("http"), protocol: "TCP" }],
      },
    });
  }
}
