import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { z } from "zod";
import type { KubernetesObject } from "../../runtime/charts/props.ts";
import { isJsonObject, type Json, type JsonObject } from "../../runtime/contract/json.ts";

/** The versions of Kubernetes that manifests are checked against. */
export const kubernetesVersions = ["1.34", "1.35", "1.36", "1.37"] as const;
export type KubernetesVersion = (typeof kubernetesVersions)[number];

const objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/** Types whose published definition is narrower or wider than what the API server reads. */
const corrections: JsonObject = {
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { type: ["integer", "string"] },
  // https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
  "io.k8s.apimachinery.pkg.api.resource.Quantity": {
    type: ["string", "number"],
    pattern: "^[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\\d+)?$",
  },
};

function readDefinitions(file: string): JsonObject {
  const read: unknown = JSON.parse(readFileSync(join(import.meta.dirname, "fixtures", file), "utf8"));
  if (!isJsonObject(read) || !isJsonObject(read.definitions)) throw new Error(`${file} has no definitions`);
  return read.definitions;
}

/** Refuses fields that a schema doesn't list, as the API server does with strict field validation. */
function close(schema: Json | undefined): Json | undefined {
  if (Array.isArray(schema)) return schema.map((item) => close(item) ?? null);
  if (!isJsonObject(schema)) return schema;
  const closed = Object.fromEntries(Object.entries(schema).map(([key, inner]) => [key, close(inner)]));
  const isOpen = schema.type === "object" && isJsonObject(schema.properties);
  return isOpen && schema.additionalProperties === undefined
    ? { ...closed, additionalProperties: false }
    : closed;
}

/** The CRDs leave `metadata` to the API server. */
function withMetadata(definition: Json | undefined): JsonObject {
  if (!isJsonObject(definition) || !isJsonObject(definition.properties))
    throw new Error("a CRD without properties");
  return {
    ...definition,
    properties: { ...definition.properties, metadata: { $ref: `#/definitions/${objectMeta}` } },
  };
}

function hasRepeats(items: readonly unknown[], keys: readonly string[]): boolean {
  const ids = items.map((item) => JSON.stringify(keys.map((key) => (isJsonObject(item) ? item[key] : item))));
  return new Set(ids).size < ids.length;
}

function makeAjv(): Ajv {
  const ajv = new Ajv({ strict: true, strictTypes: false, allowUnionTypes: true, allErrors: true });
  for (const format of ["int32", "int64", "double", "byte", "date-time"]) ajv.addFormat(format, true);
  ajv.addVocabulary(["x-kubernetes-group-version-kind", "x-kubernetes-int-or-string"]);
  // Names in a list, of containers, volumes, variables, ..., must differ.
  ajv.addKeyword({
    keyword: "x-kubernetes-list-map-keys",
    type: "array",
    validate: (keys: readonly string[], items: readonly unknown[]) => !hasRepeats(items, keys),
  });
  return ajv;
}

interface Schemas {
  readonly ajv: Ajv;
  /** `<apiVersion>/<kind>` -> definition. */
  readonly names: ReadonlyMap<string, string>;
}

const groupVersionKind = z.object({ group: z.string(), version: z.string(), kind: z.string() });

function readKinds(name: string, definition: Json | undefined): [string, string][] {
  const kinds = isJsonObject(definition) ? definition["x-kubernetes-group-version-kind"] : undefined;
  return groupVersionKind
    .array()
    .parse(kinds ?? [])
    .map(({ group, version, kind }) => [
      [group, version, kind].filter((part) => part !== "").join("/"),
      name,
    ]);
}

function readSchemas(version: KubernetesVersion): Schemas {
  const kubernetes = { ...readDefinitions(`kubernetes-${version}.json`), ...corrections };
  const keda = Object.entries(readDefinitions("keda.json")).map(
    ([kind, definition]) => [`keda.${kind}`, withMetadata(definition)] as const,
  );
  const definitions = { ...kubernetes, ...Object.fromEntries(keda) };
  const ajv = makeAjv();
  ajv.addSchema({ $id: "kubernetes", definitions: close(definitions) });
  const kinds = Object.entries(kubernetes).flatMap(([name, definition]) => readKinds(name, definition));
  const kedaKinds = keda.map(([name]): [string, string] => [
    name.replace("keda.", "keda.sh/v1alpha1/"),
    name,
  ]);
  return { ajv, names: new Map([...kinds, ...kedaKinds]) };
}

const schemas = new Map<KubernetesVersion, Schemas>();

function findValidator(version: KubernetesVersion, kind: string): ValidateFunction | undefined {
  const found = schemas.get(version) ?? readSchemas(version);
  schemas.set(version, found);
  const name = found.names.get(kind);
  return name === undefined ? undefined : found.ajv.getSchema(`kubernetes#/definitions/${name}`);
}

/** @returns what an API server of that version would refuse, a line each */
export function findSchemaErrors(version: KubernetesVersion, object: KubernetesObject): string[] {
  const { apiVersion, kind, metadata } = object;
  const validate = findValidator(version, `${apiVersion}/${kind}`);
  if (validate === undefined)
    return [`${kind} '${metadata.name}': Kubernetes ${version} has no ${apiVersion}`];
  validate(object);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${kind} '${metadata.name}' ${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
}
