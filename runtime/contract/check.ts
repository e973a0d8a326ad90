import { flowCompleted } from "./event.ts";
import { isJsonObject, type JsonObject, type Scalar } from "./json.ts";
import type { ModuleSpec } from "./module.ts";
import { findEventTypeProblem, findModuleNameProblem, findReservedNameProblem } from "./names.ts";
import type { Problem } from "./problem.ts";

export type { Problem } from "./problem.ts";

/** A pipeline as plain data. */
export interface PipelineSpec {
  readonly name: string;
  /** Event types that come from outside. */
  readonly sources: readonly string[];
  /** Event type -> its JSON Schema (draft 2020-12), and whether files may come with it. */
  readonly events: Readonly<Record<string, { readonly schema: JsonObject; readonly files: boolean }>>;
  readonly modules: readonly ModuleSpec[];
}

export const payloadProblem = (type: string, module: string): Problem => ({
  module,
  field: "schema",
  value: type,
  message: `event type '${type}' has two payloads; one is in module '${module}'`,
});

const missingProblem = (module: string, type: string): string =>
  `module '${module}' subscribes to '${type}', which no module emits and no source provides`;

const duplicateProblem = (name: string): string => `two modules are named '${name}'`;

function findFieldSchema(schema: JsonObject, field: string): JsonObject | undefined {
  const properties = schema.properties;
  const found = isJsonObject(properties) ? properties[field] : undefined;
  return isJsonObject(found) ? found : undefined;
}

/** The values a field's schema lists, where it lists them. */
function listAllowed(schema: JsonObject): readonly unknown[] | undefined {
  if (Array.isArray(schema.enum)) return schema.enum as readonly unknown[];
  return "const" in schema ? [schema.const] : undefined;
}

function checkFilterField(
  spec: PipelineSpec,
  module: string,
  type: string,
  field: string,
  values: readonly Scalar[],
): Problem[] {
  const schema = spec.events[type]?.schema;
  if (schema === undefined) return [];
  const base = { module, field: `on.${type}.where.${field}` };
  const found = findFieldSchema(schema, field);
  // A union of objects lists its fields in its branches, which the compiler has checked already.
  if (found === undefined && !("properties" in schema)) return [];
  if (found === undefined || found.type === "object" || found.type === "array") {
    const rule =
      found === undefined ? "which its data doesn't have" : "which is not a string, number or boolean";
    return [
      { ...base, value: field, message: `module '${module}' filters '${type}' on field '${field}', ${rule}` },
    ];
  }
  const allowed = listAllowed(found);
  return values
    .filter((value) => allowed !== undefined && !allowed.includes(value))
    .map((value) => ({
      ...base,
      value: String(value),
      message: `module '${module}' filters '${type}' on ${field} = '${value}', which is none of ${(allowed ?? []).map((each) => `'${String(each)}'`).join(", ")}`,
    }));
}

function checkSubscriptions(
  spec: PipelineSpec,
  module: ModuleSpec,
  provided: ReadonlySet<string>,
): Problem[] {
  return module.on.flatMap(({ type, filter }) => {
    const missing = provided.has(type)
      ? []
      : [{ module: module.name, field: "on", value: type, message: missingProblem(module.name, type) }];
    const filters = Object.entries(filter).flatMap(([field, value]) =>
      checkFilterField(spec, module.name, type, field, Array.isArray(value) ? value : [value as Scalar]),
    );
    return [...missing, ...filters];
  });
}

function checkModule(spec: PipelineSpec, module: ModuleSpec, provided: ReadonlySet<string>): Problem[] {
  const { name } = module;
  const problems: Problem[] = checkSubscriptions(spec, module, provided);
  const add = (field: string, value: string, message: string) =>
    problems.push({ module: name, field, value, message });
  const nameProblem = findModuleNameProblem(name) ?? findReservedNameProblem(name);
  if (nameProblem !== undefined) add("name", name, nameProblem);
  if (module.on.length === 0)
    add("on", "", `module '${name}' subscribes to nothing: name at least one event in 'on'`);
  if (module.joins.length > 0 && !module.on.some(({ type }) => type === flowCompleted.type)) {
    add(
      "joins",
      module.joins.join(", "),
      `module '${name}' joins files but doesn't subscribe to '${flowCompleted.type}': add it to 'on' or drop 'joins'`,
    );
  }
  if (module.emits.includes(flowCompleted.type)) {
    add("emits", flowCompleted.type, `module '${name}' emits '${flowCompleted.type}', which only Ion raises`);
  }
  return problems;
}

function checkDuplicates(modules: readonly ModuleSpec[]): Problem[] {
  const counts = new Map<string, number>();
  for (const { name } of modules) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([name]) => ({ module: name, field: "name", value: name, message: duplicateProblem(name) }));
}

function checkEvent(type: string, { schema }: PipelineSpec["events"][string]): Problem[] {
  const nameProblem = findEventTypeProblem(type);
  const problems = nameProblem === undefined ? [] : [{ field: "type", value: type, message: nameProblem }];
  if (schema.type === "object" || "anyOf" in schema || "oneOf" in schema || "allOf" in schema)
    return problems;
  const found = typeof schema.type === "string" ? schema.type : (JSON.stringify(schema.type) ?? "any");
  return [
    ...problems,
    {
      field: "schema",
      value: found,
      message: `event type '${type}' has data of type '${found}': it must be an object`,
    },
  ];
}

/**
 * Checks a pipeline given as plain data.
 *
 * @returns every broken rule; none when the pipeline is fine
 */
export function checkPipeline(spec: PipelineSpec): Problem[] {
  const provided = new Set([
    ...spec.sources,
    ...spec.modules.flatMap(({ emits }) => emits),
    flowCompleted.type,
  ]);
  const nameProblem = findModuleNameProblem(spec.name, "pipeline name");
  return [
    ...(nameProblem === undefined ? [] : [{ field: "name", value: spec.name, message: nameProblem }]),
    ...Object.entries(spec.events).flatMap(([type, declared]) => checkEvent(type, declared)),
    ...checkDuplicates(spec.modules),
    ...spec.modules.flatMap((module) => checkModule(spec, module, provided)),
  ];
}
