/**
 * Makes fixtures/kubernetes-<version>.json and fixtures/keda.json: of the published schemas only what
 * the charts' kinds need, without descriptions. Needs Go, which fetches and checks the modules:
 *
 *     node test/charts/update-schemas.ts
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, parseDocument } from "yaml";
import { isJsonObject, type Json, type JsonObject } from "../../runtime/contract/json.ts";

const kubernetesVersions = ["v1.34.4", "v1.35.4", "v1.36.3", "v1.37.2"];
const kedaVersion = "v2.21.0";

/** The kinds that charts render, by the names of their definitions. */
const kinds = [
  "io.k8s.api.apps.v1.Deployment",
  "io.k8s.api.batch.v1.Job",
  "io.k8s.api.core.v1.ConfigMap",
  "io.k8s.api.core.v1.LimitRange",
  "io.k8s.api.core.v1.Namespace",
  "io.k8s.api.core.v1.ResourceQuota",
  "io.k8s.api.core.v1.Service",
  "io.k8s.api.core.v1.ServiceAccount",
  "io.k8s.api.networking.v1.Ingress",
  "io.k8s.api.networking.v1.NetworkPolicy",
  "io.k8s.api.policy.v1.PodDisruptionBudget",
  "io.k8s.api.rbac.v1.Role",
  "io.k8s.api.rbac.v1.RoleBinding",
  "io.k8s.api.scheduling.v1.PriorityClass",
];

function findModule(name: string): string {
  const text = execFileSync("go", ["mod", "download", "-json", name], { encoding: "utf8" });
  const found: unknown = JSON.parse(text);
  if (!isJsonObject(found) || typeof found.Dir !== "string") throw new Error(`no folder of ${name}`);
  return found.Dir;
}

/** What says how objects are merged, not which are valid. */
const merging = /^x-kubernetes-(?:patch-.*|list-type|map-type|unions|validations)$/;

/** A property may be named 'description' as well: that one is an object. */
const isNeeded = (key: string, value: Json | undefined): boolean =>
  !merging.test(key) && !(key === "description" && typeof value === "string");

/** The rules alone: no descriptions. */
function prune(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => prune(item) ?? null);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => isNeeded(key, inner))
      .map(([key, inner]) => [key, prune(inner)]),
  );
}

function listReferences(definition: Json | undefined): string[] {
  const text = JSON.stringify(definition ?? null);
  return [...text.matchAll(/"#\/definitions\/([^"]+)"/g)].map(([, name = ""]) => name);
}

function pickDefinitions(definitions: JsonObject): JsonObject {
  const picked = new Set<string>();
  const waiting = [...kinds];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (picked.has(name)) continue;
    if (!(name in definitions)) throw new Error(`no definition ${name}`);
    picked.add(name);
    waiting.push(...listReferences(definitions[name]));
  }
  return Object.fromEntries([...picked].toSorted().map((name) => [name, prune(definitions[name])]));
}

/** A line a definition, so that a newer version's differences can be read. */
function write(file: string, origin: string, definitions: JsonObject): void {
  const lines = Object.entries(definitions).map(
    ([name, definition]) => `  ${JSON.stringify(name)}: ${JSON.stringify(definition)}`,
  );
  const head = `"origin": ${JSON.stringify(origin)},\n"licence": "Apache-2.0",\n`;
  const path = join(import.meta.dirname, "fixtures", file);
  writeFileSync(path, `{\n${head}"definitions": {\n${lines.join(",\n")}\n}\n}\n`);
}

function readObject(value: unknown, what: string): JsonObject {
  if (!isJsonObject(value)) throw new Error(`${what} is no object`);
  return value;
}

for (const version of kubernetesVersions) {
  const module = `k8s.io/kubernetes@${version}`;
  const text = readFileSync(join(findModule(module), "api/openapi-spec/swagger.json"), "utf8");
  const { definitions } = readObject(JSON.parse(text), module);
  const minor = version.split(".").slice(0, 2).join(".").slice(1);
  const origin = `${module}, api/openapi-spec/swagger.json`;
  write(`kubernetes-${minor}.json`, origin, pickDefinitions(readObject(definitions, module)));
}

const keda = `github.com/kedacore/keda/v2@${kedaVersion}`;
const crds = join(findModule(keda), "config/crd/bases");
const kedaKinds = {
  ScaledObject: "keda.sh_scaledobjects.yaml",
  TriggerAuthentication: "keda.sh_triggerauthentications.yaml",
};
const kedaDefinitions = Object.entries(kedaKinds).map(([kind, file]) => {
  const definition = parseDocument(readFileSync(join(crds, file), "utf8"));
  const schema: unknown = definition.getIn(["spec", "versions", 0, "schema", "openAPIV3Schema"]);
  return [kind, prune(readObject(isMap(schema) ? schema.toJSON() : undefined, kind))];
});
write("keda.json", `${keda}, config/crd/bases`, Object.fromEntries(kedaDefinitions));
