import {
  IntOrString,
  type NetworkPolicyEgressRule,
  type NetworkPolicyPort,
  type NetworkPolicySpec,
} from "./kubernetes.ts";
import type { Labels } from "./names.ts";
import type { NetworkSettings } from "./props.ts";

type Network = Required<NetworkSettings>;

/**
 * Where a cloud tells a machine who it is, and hands out its identity; no pod has business there.
 * The first range has 169.254.169.254 in it; the second address is Azure's own wire server.
 * https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 */
export const metadataRanges = ["169.254.0.0/16", "168.63.129.16/32"] as const;

/** HTTPS, and AMQP over TLS to Service Bus. https://learn.microsoft.com/azure/service-bus-messaging/service-bus-faq */
const azurePorts: readonly NetworkPolicyPort[] = [tcp(443), { ...tcp(5671), endPort: 5672 }];

function tcp(port: number): NetworkPolicyPort {
  return { protocol: "TCP", port: IntOrString.fromNumber(port) };
}

const everywhere = "0.0.0.0/0";

/** The internet, less the cluster, its API server and the metadata addresses. */
const internet = ({ clusterRanges, apiServerRanges }: Network) => ({
  ipBlock: {
    cidr: everywhere,
    except: [...new Set([...metadataRanges, ...clusterRanges, ...apiServerRanges])],
  },
});

function toAzure(network: Network): NetworkPolicyEgressRule {
  return {
    to: network.azureRanges.map((cidr) => (cidr === everywhere ? internet(network) : { ipBlock: { cidr } })),
    ports: [...azurePorts],
  };
}

/** Nothing comes in or goes out unless another policy says so. */
export const denyAll: NetworkPolicySpec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };

/** Everybody may resolve names. */
export const allowDns: NetworkPolicySpec = {
  podSelector: {},
  policyTypes: ["Egress"],
  egress: [
    {
      to: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
          podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
        },
      ],
      ports: [{ ...tcp(53), protocol: "UDP" }, tcp(53)],
    },
  ],
};

const selectComponents = (pipeline: string, components: readonly string[]) => ({
  matchLabels: { "app.kubernetes.io/part-of": pipeline },
  matchExpressions: [{ key: "app.kubernetes.io/component", operator: "In", values: [...components] }],
});

/** The platform and the dispatchers reach Azure. */
export function allowAzure(pipeline: string, network: Network): NetworkPolicySpec {
  return {
    podSelector: selectComponents(pipeline, ["gateway", "management", "sweeper", "dispatcher"]),
    policyTypes: ["Egress"],
    egress: [toAzure(network)],
  };
}

/** Dispatchers run jobs and management runs dispatchers; 6443 is where the API server listens behind its service. */
export function allowApiServer(pipeline: string, { apiServerRanges }: Network): NetworkPolicySpec {
  return {
    podSelector: selectComponents(pipeline, ["management", "dispatcher"]),
    policyTypes: ["Egress"],
    egress: [{ to: apiServerRanges.map((cidr) => ({ ipBlock: { cidr } })), ports: [tcp(443), tcp(6443)] }],
  };
}

/** The ingress controller reaches the gateway. @param port of its container, as policies look at pods */
export function allowGateway(
  selector: Labels,
  port: number,
  { ingressNamespace }: Network,
): NetworkPolicySpec {
  return {
    podSelector: { matchLabels: selector },
    policyTypes: ["Ingress"],
    ingress: [
      {
        from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": ingressNamespace } } }],
        ports: [tcp(port)],
      },
    ],
  };
}

/**
 * A module's jobs reach Azure for their files and events, and the internet on the ports that the
 * stack names; a policy is a pod's, so the module between prepare and commit can no more and no less.
 */
export function allowJob(
  selector: Labels,
  network: Network,
  egressPorts: readonly number[],
): NetworkPolicySpec {
  const toInternet = { to: [internet(network)], ports: egressPorts.map(tcp) };
  return {
    podSelector: { matchLabels: selector },
    policyTypes: ["Egress", "Ingress"],
    egress: [toAzure(network), ...(egressPorts.length > 0 ? [toInternet] : [])],
  };
}
