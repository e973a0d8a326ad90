import type { PolicyRule } from "./kubernetes.ts";
import { dispatcherRole } from "./names.ts";

/** All that a dispatcher may do, in its own namespace: run jobs, and look at their pods and logs. */
export const dispatcherRules: PolicyRule[] = [
  { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create", "get", "list", "watch", "delete"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
];

const keep = ["get", "list", "watch", "create", "patch", "delete"];

/**
 * All that management may do, in its own namespace: keep the objects of a module's chart, and read
 * logs. It can't write Roles: nobody may give away rights that he doesn't have, and so dispatchers
 * share one Role, to which alone management may bind.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
 */
export const managementRules: PolicyRule[] = [
  { apiGroups: ["apps"], resources: ["deployments"], verbs: keep },
  { apiGroups: [""], resources: ["configmaps", "serviceaccounts"], verbs: keep },
  { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: keep },
  { apiGroups: ["keda.sh"], resources: ["scaledobjects", "triggerauthentications"], verbs: keep },
  { apiGroups: ["rbac.authorization.k8s.io"], resources: ["rolebindings"], verbs: keep },
  {
    apiGroups: ["rbac.authorization.k8s.io"],
    resources: ["roles"],
    resourceNames: [dispatcherRole],
    verbs: ["bind"],
  },
  { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
];
