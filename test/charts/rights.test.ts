import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import type { KubernetesObject } from "../../runtime/charts/props.ts";
import { componentOf, listObjects, listPods, rendered } from "./rendered.ts";

const role = z.object({
  metadata: z.object({ name: z.string() }),
  rules: z.array(
    z.strictObject({
      apiGroups: z.array(z.string()),
      resources: z.array(z.string()),
      resourceNames: z.array(z.string()).optional(),
      verbs: z.array(z.string()),
    }),
  ),
});

const binding = z.object({
  roleRef: z.object({ kind: z.literal("Role"), name: z.string() }),
  subjects: z.array(z.object({ kind: z.literal("ServiceAccount"), name: z.string() })),
});

const ofKind = (objects: readonly KubernetesObject[], kind: string) =>
  objects.filter((object) => object.kind === kind);

/** Everything that a service account may do, as `<verb> <group>/<resource>`. */
function listRights(objects: readonly KubernetesObject[], account: string): string[] {
  const roles = ofKind(objects, "Role").map((object) => role.parse(object));
  const bound = ofKind(objects, "RoleBinding")
    .map((object) => binding.parse(object))
    .filter(({ subjects }) => subjects.some(({ name }) => name === account))
    .map(({ roleRef }) => roles.find(({ metadata }) => metadata.name === roleRef.name));
  return bound
    .flatMap((found) => found?.rules ?? [])
    .flatMap(({ apiGroups, resources, resourceNames = [], verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.map((verb) => [verb, `${group}/${resource}`, ...resourceNames].join(" ")),
        ),
      ),
    )
    .toSorted();
}

for (const { name, manifests } of rendered) {
  const objects = listObjects(manifests);
  const accountsOf = (component: string) =>
    listPods(manifests)
      .filter((pod) => componentOf(pod) === component)
      .map(({ spec }) => spec.serviceAccountName);

  test(`${name}: a dispatcher can run jobs in its namespace, look at their pods, and nothing else`, () => {
    for (const account of accountsOf("dispatcher")) {
      assert.deepEqual(listRights(objects, account), [
        "create batch/jobs",
        "delete batch/jobs",
        "get /pods",
        "get /pods/log",
        "get batch/jobs",
        "list /pods",
        "list batch/jobs",
        "watch /pods",
        "watch batch/jobs",
      ]);
    }
  });

  test(`${name}: the gateway, the sweeper and jobs have no rights and no token for the API server`, () => {
    for (const component of ["gateway", "sweeper", "job"]) {
      for (const account of accountsOf(component)) assert.deepEqual(listRights(objects, account), []);
    }
    for (const pod of listPods(manifests)) {
      const callsApiServer = ["dispatcher", "management"].includes(componentOf(pod));
      assert.equal(pod.spec.automountServiceAccountToken, callsApiServer, pod.owner);
    }
  });

  test(`${name}: management can give away no rights but a dispatcher's, and reads no Secret`, () => {
    const rights = listRights(objects, "management");
    assert.ok(rights.includes("create apps/deployments"));
    assert.deepEqual(
      rights.filter((right) => /\/roles|secrets|escalate|impersonate|\*/.test(right)),
      ["bind rbac.authorization.k8s.io/roles dispatcher"],
    );
  });

  test(`${name}: no right reaches beyond the namespace`, () => {
    assert.deepEqual(ofKind(objects, "ClusterRole"), []);
    assert.deepEqual(ofKind(objects, "ClusterRoleBinding"), []);
  });

  test(`${name}: every pod has a service account of its own that stands for an identity`, () => {
    const accounts = new Map(
      ofKind(objects, "ServiceAccount").map((object) => [object.metadata.name, object]),
    );
    const used = listPods(manifests).map(({ spec }) => spec.serviceAccountName);
    assert.equal(new Set(used).size, used.length);
    for (const account of used) {
      const annotations = accounts.get(account)?.metadata.annotations ?? {};
      assert.match(annotations["azure.workload.identity/client-id"] ?? "", /^\d{8}-/, account);
    }
  });
}
