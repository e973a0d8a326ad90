import { BlockList, isIPv4 } from "node:net";
import { z } from "zod";
import type { Labels } from "../../runtime/charts/names.ts";
import type { KubernetesObject } from "../../runtime/charts/props.ts";

const expression = z.strictObject({
  key: z.string(),
  operator: z.literal("In"),
  values: z.array(z.string()),
});

const selector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z.array(expression).default([]),
});

const peer = z.strictObject({
  ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()).default([]) }).optional(),
  namespaceSelector: selector.optional(),
  podSelector: selector.optional(),
});

const port = z.strictObject({ protocol: z.string(), port: z.int(), endPort: z.int().optional() });
const rule = { ports: z.array(port) };

const policy = z.object({
  kind: z.literal("NetworkPolicy"),
  spec: z.strictObject({
    podSelector: selector,
    policyTypes: z.array(z.enum(["Ingress", "Egress"])),
    egress: z.array(z.strictObject({ ...rule, to: z.array(peer) })).default([]),
    ingress: z.array(z.strictObject({ ...rule, from: z.array(peer) })).default([]),
  }),
});

type Selector = z.infer<typeof selector>;
type Peer = z.infer<typeof peer>;

/** A place in the network: an address outside, or a pod. */
export type Place = { readonly address: string } | { readonly namespace: string; readonly labels: Labels };

function selects({ matchLabels, matchExpressions }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ""))
  );
}

function contains(range: string, address: string): boolean {
  const [network = "", prefix = ""] = range.split("/");
  const list = new BlockList();
  list.addSubnet(network, Number(prefix));
  return isIPv4(address) && list.check(address);
}

function isPeer({ ipBlock, namespaceSelector, podSelector }: Peer, place: Place): boolean {
  if ("address" in place) {
    if (ipBlock === undefined) return false;
    return (
      contains(ipBlock.cidr, place.address) && !ipBlock.except.some((range) => contains(range, place.address))
    );
  }
  if (namespaceSelector === undefined) return false;
  const namespaceLabels = { "kubernetes.io/metadata.name": place.namespace };
  return (
    selects(namespaceSelector, namespaceLabels) &&
    (podSelector === undefined || selects(podSelector, place.labels))
  );
}

const isOpen = (ports: readonly z.infer<typeof port>[], wanted: number): boolean =>
  ports.some((each) => wanted >= each.port && wanted <= (each.endPort ?? each.port));

/** What a pod's network is by all policies of its namespace, as Kubernetes adds them up. */
export function networkOf(objects: readonly KubernetesObject[], labels: Labels) {
  const policies = objects
    .filter(({ kind }) => kind === "NetworkPolicy")
    .map((object) => policy.parse(object).spec)
    .filter(({ podSelector }) => selects(podSelector, labels));
  const isIsolated = (type: "Ingress" | "Egress") =>
    policies.some(({ policyTypes }) => policyTypes.includes(type));
  return {
    reaches: (place: Place, port: number): boolean =>
      !isIsolated("Egress") ||
      policies.some(({ egress }) =>
        egress.some(({ to, ports }) => isOpen(ports, port) && to.some((each) => isPeer(each, place))),
      ),
    isReachedBy: (place: Place, port: number): boolean =>
      !isIsolated("Ingress") ||
      policies.some(({ ingress }) =>
        ingress.some(({ from, ports }) => isOpen(ports, port) && from.some((each) => isPeer(each, place))),
      ),
  };
}
