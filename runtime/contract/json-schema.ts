import { createRequire } from "node:module";
import type { ValidateFunction } from "ajv/dist/2020.js";
import type { JsonObject } from "./json.ts";

type Compile = (schema: JsonObject) => ValidateFunction;

/** Loaded when the first data is checked: a process that checks none starts 40 ms sooner. */
function makeCompiler(coerceTypes: boolean): Compile {
  const require = createRequire(import.meta.url);
  const { Ajv2020 }: typeof import("ajv/dist/2020.js") = require("ajv/dist/2020.js");
  const formats: typeof import("ajv-formats") = require("ajv-formats");
  const ajv = new Ajv2020({
    allErrors: true,
    coerceTypes,
    logger: false,
    // `data.constructor` is no field of the data.
    ownProperties: true,
    strict: false,
    validateSchema: false,
    verbose: true,
    // Schemas of two pipelines may say the same `$id`.
    addUsedSchema: false,
  });
  formats.default(ajv);
  return (schema) => ajv.compile(schema);
}

/** Keyed by the schema object itself: a changed declaration brings a new one. */
function compileOnce(coerceTypes: boolean): Compile {
  const compiled = new WeakMap<JsonObject, ValidateFunction>();
  let compile: Compile | undefined;
  return (schema) => {
    const known = compiled.get(schema);
    if (known !== undefined) return known;
    compile ??= makeCompiler(coerceTypes);
    const validate = compile(schema);
    compiled.set(schema, validate);
    return validate;
  };
}

const exact = compileOnce(false);
const coercing = compileOnce(true);

/**
 * Compiles a JSON Schema (draft 2020-12), once.
 *
 * @param options.coerce changes strings into the numbers and booleans that the schema wants, in place
 * @throws Error when the schema itself can't be used
 */
export function compileSchema(schema: JsonObject, options: { readonly coerce: boolean }): ValidateFunction {
  return (options.coerce ? coercing : exact)(schema);
}
