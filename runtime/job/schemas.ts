import type { ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import { IonError } from "../contract/errors.ts";
import { isScalar, type JsonObject } from "../contract/json.ts";
import { compileSchema } from "../contract/json-schema.ts";
import { quote } from "./quote.ts";

function describe({ instancePath, message = "breaks the schema", params, data }: ErrorObject): string {
  const allowed: unknown = params.allowedValues;
  const extra: unknown = params.additionalProperty;
  const list = Array.isArray(allowed) ? ` (${allowed.map(String).join(", ")})` : "";
  const name = typeof extra === "string" ? ` (${quote(extra)})` : "";
  const value = isScalar(data) || data === null ? `, not ${quote(String(data), 60)}` : "";
  return `data${instancePath} ${message}${list}${name}${value}`;
}

const shownProblems = 3;

/**
 * Says how data breaks a JSON Schema (draft 2020-12).
 *
 * @param options.coerce changes strings into the numbers and booleans that the schema wants, in place
 * @returns the first problems as one text, or undefined when the data is fine
 * @throws IonError `invalid` when the schema itself can't be used
 */
export function findDataProblem(
  schema: JsonObject,
  data: Record<string, unknown>,
  options: { readonly coerce: boolean },
): string | undefined {
  let validate: ValidateFunction;
  try {
    validate = compileSchema(schema, options);
  } catch (cause) {
    throw new IonError("invalid", `a schema can't be used: ${IonError.from(cause).message}`, { cause });
  }
  if (validate(data)) return undefined;
  const errors = validate.errors ?? [];
  const more = errors.length > shownProblems ? ` and ${errors.length - shownProblems} more` : "";
  return errors.slice(0, shownProblems).map(describe).join("; ") + more;
}
