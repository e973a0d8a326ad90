import { z } from "zod";
import type { KubernetesObject } from "../../runtime/charts/props.ts";
import { type Answer, type Identity, type KubernetesClient, readMessage } from "./client.ts";

const resourceList = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

/** Sends objects as `kubectl apply --server-side` does, every unknown or doubled field being an error. */
export interface Applier {
  /** Where the server keeps the object. */
  path(object: KubernetesObject): Promise<string>;
  /** All that a cluster checks, admission included; nothing is stored. */
  dryRun(object: KubernetesObject, as?: Identity): Promise<Answer>;
  /** @throws Error where the server refuses it */
  apply(object: KubernetesObject): Promise<Answer>;
}

/** `Deployment ion/gateway`, for messages. */
export function describeObject({ kind, metadata }: KubernetesObject): string {
  const { namespace, name } = metadata;
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

const apiPath = (apiVersion: string): string =>
  apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

export function applier(client: KubernetesClient): Applier {
  const known = new Map<string, string>();

  const findResource = async (apiVersion: string, kind: string): Promise<string> => {
    const key = `${apiVersion} ${kind}`;
    const answer = known.has(key) ? undefined : await client.request(apiPath(apiVersion));
    if (answer !== undefined) {
      if (answer.status !== 200)
        throw new Error(`The server doesn't know ${apiVersion}: ${readMessage(answer)}`);
      for (const resource of resourceList.parse(answer.body).resources) {
        if (!resource.name.includes("/")) known.set(`${apiVersion} ${resource.kind}`, resource.name);
      }
    }
    const resource = known.get(key);
    if (resource === undefined) throw new Error(`The server knows no ${kind} in ${apiVersion}.`);
    return resource;
  };

  const path = async ({ apiVersion, kind, metadata }: KubernetesObject): Promise<string> => {
    const resource = await findResource(apiVersion, kind);
    const scope = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
    return `${apiPath(apiVersion)}${scope}/${resource}/${metadata.name}`;
  };

  const patch = async (object: KubernetesObject, query: string, as?: Identity): Promise<Answer> =>
    client.request(`${await path(object)}?fieldManager=ion&fieldValidation=Strict${query}`, {
      method: "PATCH",
      contentType: "application/apply-patch+yaml",
      body: object,
      ...(as !== undefined && { as }),
    });

  return {
    path,
    dryRun: (object, as) => patch(object, "&dryRun=All", as),
    apply: async (object) => {
      const answer = await patch(object, "");
      if (answer.status === 200 || answer.status === 201) return answer;
      throw new Error(`${describeObject(object)} was refused: ${answer.status} ${readMessage(answer)}`);
    },
  };
}

const words = z.record(z.string(), z.string()).default({});

const podTemplate = z.object({
  metadata: z.object({ labels: words, annotations: words }).default({ labels: {}, annotations: {} }),
  spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string() })) }),
});
const templated = z.object({ spec: z.object({ template: podTemplate }) });
const scheduled = z.object({ spec: z.object({ jobTemplate: templated }) });

/** The pod that a workload's controller would create; undefined where the object makes none. */
export function findPod(object: KubernetesObject): KubernetesObject | undefined {
  const outer = scheduled.safeParse(object);
  const inner = templated.safeParse(outer.success ? outer.data.spec.jobTemplate : object);
  if (!inner.success) return undefined;
  const { metadata, spec } = inner.data.spec.template;
  const { name, namespace } = object.metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, name: `${name.slice(0, 61)}-0`, ...(namespace !== undefined && { namespace }) },
    spec,
  };
}

/** Creates a pod without storing it: unlike a Deployment's, its admission refuses. */
export function dryRunPod(client: KubernetesClient, pod: KubernetesObject): Promise<Answer> {
  const path = `/api/v1/namespaces/${pod.metadata.namespace ?? "default"}/pods`;
  return client.request(`${path}?dryRun=All&fieldValidation=Strict`, { method: "POST", body: pod });
}

const condition = z.object({
  object: z.object({
    metadata: z.object({ name: z.string() }),
    status: z
      .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish() })
      .optional(),
  }),
});

/** Resolves once the server serves all of these custom resources. */
export async function areEstablished(
  client: KubernetesClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const missing = new Set(names);
  const changes = client.watch("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", signal);
  for await (const change of changes) {
    const { metadata, status } = condition.parse(change).object;
    const served = status?.conditions?.some(
      ({ type, status }) => type === "Established" && status === "True",
    );
    if (served === true) missing.delete(metadata.name);
    if (missing.size === 0) return;
  }
  throw new Error(`The server doesn't serve ${[...missing].join(", ")}.`);
}

const quota = z.object({ spec: z.object({ hard: z.record(z.string(), z.string()) }) });

/** Does what the quota controller would: without a status, a quota refuses everything. */
export async function setQuotaStatus(client: KubernetesClient, path: string): Promise<void> {
  const { hard } = quota.parse((await client.request(path)).body).spec;
  const used = Object.fromEntries(Object.keys(hard).map((name) => [name, "0"]));
  const answer = await client.request(`${path}/status`, {
    method: "PATCH",
    contentType: "application/merge-patch+json",
    body: { status: { hard, used } },
  });
  if (answer.status !== 200) throw new Error(`The quota's status was refused: ${readMessage(answer)}`);
}
