import { z } from "zod";
import { type Answer, type Identity, type KubernetesClient, readMessage } from "./client.ts";

const rulesReview = z.object({
  status: z.object({
    incomplete: z.boolean(),
    resourceRules: z.array(
      z.object({
        verbs: z.array(z.string()),
        apiGroups: z.array(z.string()).default([]),
        resources: z.array(z.string()).default([]),
        resourceNames: z.array(z.string()).default([]),
      }),
    ),
    nonResourceRules: z.array(
      z.object({ verbs: z.array(z.string()), nonResourceURLs: z.array(z.string()).default([]) }),
    ),
  }),
});

/** Who a pod with this service account is to the API server. */
export function serviceAccount(namespace: string, name: string): Identity {
  return {
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
  };
}

const combine = <A, B>(left: readonly A[], right: readonly B[]): [A, B][] =>
  left.flatMap((first) => right.map((second): [A, B] => [first, second]));

/** Everything that someone may do in a namespace, each as `verb resource.group` or `verb /path`. */
async function listRules(client: KubernetesClient, identity: Identity, namespace: string): Promise<string[]> {
  const answer = await client.request("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", {
    method: "POST",
    as: identity,
    body: { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } },
  });
  const review = rulesReview.safeParse(answer.body);
  if (!review.success)
    throw new Error(`Cannot review ${identity.user}: ${answer.status} ${readMessage(answer)}`);
  const { incomplete, resourceRules, nonResourceRules } = review.data.status;
  if (incomplete) throw new Error(`The server doesn't know all that ${identity.user} may do.`);
  return [
    ...resourceRules.flatMap(({ verbs, apiGroups, resources, resourceNames }) =>
      combine(verbs, combine(apiGroups, resources)).flatMap(([verb, [group, resource]]) => {
        const what = `${verb} ${resource}${group === "" ? "" : `.${group}`}`;
        return resourceNames.length === 0 ? [what] : resourceNames.map((name) => `${what} ${name}`);
      }),
    ),
    ...nonResourceRules.flatMap(({ verbs, nonResourceURLs }) =>
      combine(verbs, nonResourceURLs).map(([verb, url]) => `${verb} ${url}`),
    ),
  ];
}

/**
 * All that a service account may do in a namespace beyond what every service account of every cluster may
 * (say who it is, read the API's description). Nothing is left out: roles, cluster roles and wildcards.
 *
 * @param where the namespace it acts in
 * @returns sorted, such as `["create jobs.batch", "get pods/log"]`
 */
export async function listRights(
  client: KubernetesClient,
  account: Identity,
  where: string,
): Promise<string[]> {
  const [rights, everyone] = await Promise.all([
    listRules(client, account, where),
    listRules(client, serviceAccount("default", "nobody"), where),
  ]);
  return [...new Set(rights).difference(new Set(everyone))].sort();
}

/** Asks for a change as someone else, without making it. */
export function tryCreate(
  client: KubernetesClient,
  account: Identity,
  path: string,
  body: unknown,
): Promise<Answer> {
  return client.request(`${path}?dryRun=All&fieldValidation=Strict`, { method: "POST", as: account, body });
}
