import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileSchema } from "../../runtime/contract/json-schema.ts";

const exact = { coerce: false };

describe("compileSchema()", () => {
  it("compiles a schema once", () => {
    const schema = { type: "object" };
    assert.equal(compileSchema(schema, exact), compileSchema(schema, exact));
  });
  it("takes what an object inherits for no field of it", () => {
    const validate = compileSchema({ type: "object", required: ["constructor"] }, exact);
    assert.equal(validate({}), false);
    assert.equal(validate({ constructor: 1 }), true);
  });
  it("takes two schemas that say the same $id", () => {
    const first = compileSchema({ $id: "https://example.org/a", type: "string" }, exact);
    const second = compileSchema({ $id: "https://example.org/a", type: "number" }, exact);
    assert.deepEqual([first("x"), second("x")], [true, false]);
  });
  it("changes strings where it's told to", () => {
    const schema = { type: "object", properties: { n: { type: "integer" } } };
    const data = { n: "1" };
    assert.equal(compileSchema(schema, exact)(data), false);
    assert.equal(compileSchema(schema, { coerce: true })(data), true);
    assert.deepEqual(data, { n: 1 });
  });
});
