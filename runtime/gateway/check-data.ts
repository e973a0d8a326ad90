import type { ErrorObject } from "ajv/dist/2020.js";
import type { JsonObject } from "../contract/json.ts";
import { compileSchema } from "../contract/json-schema.ts";
import { type FieldProblem, InvalidEvent } from "./invalid-event.ts";

/** Problems beyond these are not told. */
const maxProblems = 20;

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
export function checkData(type: string, schema: JsonObject, data: JsonObject): void {
  const validate = compileSchema(schema, { coerce: false });
  if (validate(data)) return;
  const fields = (validate.errors ?? []).slice(0, maxProblems).map(toFieldProblem);
  const told = fields.map(({ path, message }) => `${path === "" ? "data" : path} ${message}`).join("; ");
  throw new InvalidEvent(`the data is no '${type}': ${told}`, fields);
}
