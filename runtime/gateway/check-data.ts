import type { ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import type { JsonObject } from "../contract/json.ts";
import { type FieldProblem, InvalidEvent } from "./invalid-event.ts";

/** Problems beyond these are not told. */
const maxProblems = 20;

/** Keyed by the schema object itself: a changed declaration brings a new one. */
const compiled = new WeakMap<JsonObject, ValidateFunction>();

async function compile(schema: JsonObject): Promise<ValidateFunction> {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  // Loaded with the first event, which spares the start of the process some 30 ms.
  const [{ Ajv2020 }, { default: formats }] = await Promise.all([
    import("ajv/dist/2020.js"),
    import("ajv-formats"),
  ]);
  // One instance a schema, so that two schemas with one `$id` don't collide.
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateSchema: false, logger: false });
  formats.default(ajv);
  const validate = ajv.compile(schema);
  compiled.set(schema, validate);
  return validate;
}

const escapePointer = (key: string): string => key.replaceAll("~", "~0").replaceAll("/", "~1");

function toFieldProblem({ instancePath, params, message }: ErrorObject): FieldProblem {
  const parameters: Record<string, unknown> = params;
  const field = parameters.missingProperty ?? parameters.additionalProperty;
  const path = typeof field === "string" ? `${instancePath}/${escapePointer(field)}` : instancePath;
  return { path, message: describe(message ?? "breaks the schema", parameters) };
}

function describe(
  message: string,
  { allowedValues, allowedValue, additionalProperty }: Record<string, unknown>,
) {
  if (Array.isArray(allowedValues)) return `${message}: ${allowedValues.map(String).join(", ")}`;
  if (allowedValue !== undefined) return `${message}: ${JSON.stringify(allowedValue)}`;
  return additionalProperty === undefined ? message : "must not be there";
}

/**
 * Checks data against its type's JSON Schema (draft 2020-12).
 *
 * @throws InvalidEvent with a problem for each field
 */
export async function checkData(type: string, schema: JsonObject, data: JsonObject): Promise<void> {
  const validate = await compile(schema);
  if (validate(data)) return;
  const fields = (validate.errors ?? []).slice(0, maxProblems).map(toFieldProblem);
  const told = fields.map(({ path, message }) => `${path === "" ? "data" : path} ${message}`).join("; ");
  throw new InvalidEvent(`the data is no '${type}': ${told}`, fields);
}
