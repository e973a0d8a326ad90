import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubernetesObject } from "../../runtime/charts/props.ts";
import { isJsonObject } from "../../runtime/contract/json.ts";
import { findSchemaErrors, kubernetesVersions } from "./kubernetes-schema.ts";
import { listObjects, rendered } from "./rendered.ts";

for (const version of kubernetesVersions) {
  for (const { name, manifests } of rendered) {
    test(`Kubernetes ${version} accepts every object of '${name}'`, () => {
      const objects = listObjects(manifests);
      assert.deepEqual(
        objects.flatMap((object) => findSchemaErrors(version, object)),
        [],
      );
    });
  }
}

/** A copy in which the value at a path is another one. */
function change(value: unknown, [key, ...rest]: readonly (string | number)[], to: unknown): unknown {
  if (key === undefined) return to;
  if (Array.isArray(value))
    return value.map((item, index) => (index === key ? change(item, rest, to) : item));
  return isJsonObject(value) ? { ...value, [key]: change(value[key], rest, to) } : value;
}

function findObject(kind: string): KubernetesObject {
  const found = listObjects(rendered[1]?.manifests ?? []).find((object) => object.kind === kind);
  assert.ok(found);
  return found;
}

const mistakes = [
  { kind: "Deployment", path: ["spec", "replica"], to: 2 },
  {
    kind: "Deployment",
    path: ["spec", "template", "spec", "containers", 0, "imagePullPolice"],
    to: "Always",
  },
  { kind: "Deployment", path: ["spec", "template", "spec", "terminationGracePeriodSeconds"], to: "30" },
  {
    kind: "Job",
    path: ["spec", "template", "spec", "initContainers", 1, "resources", "limits", "memory"],
    to: "1 GB",
  },
  { kind: "Job", path: ["spec", "template", "spec", "initContainers", 1, "env", 0, "name"], to: "HOME" },
  { kind: "NetworkPolicy", path: ["spec", "podSelectors"], to: {} },
  { kind: "ScaledObject", path: ["spec", "minReplicas"], to: 0 },
  { kind: "ScaledObject", path: ["metadata", "label"], to: {} },
  { kind: "TriggerAuthentication", path: ["spec", "podIdentity", "provider"], to: "azure" },
  { kind: "Role", path: ["apiVersion"], to: "rbac.authorization.k8s.io/v1beta1" },
] as const;

for (const { kind, path, to } of mistakes) {
  test(`the schema refuses ${kind} with ${path.join(".")} = ${JSON.stringify(to)}`, () => {
    const object = findObject(kind);
    const wrong = change(object, path, to);
    assert.ok(isJsonObject(wrong) && typeof wrong.apiVersion === "string");
    assert.deepEqual(findSchemaErrors("1.37", object), []);
    assert.notDeepEqual(findSchemaErrors("1.37", { ...object, ...wrong, apiVersion: wrong.apiVersion }), []);
  });
}
