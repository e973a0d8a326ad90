import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { IonError } from "../../runtime/contract/errors.ts";
import { canonicalJson } from "../../runtime/contract/json.ts";
import { fromKeyValues, isKeyValues, toKeyValues } from "../../runtime/contract/workspace.ts";

it("toKeyValues() says every value as a string", () => {
  assert.deepEqual(toKeyValues({ a: "x", b: 1.5, c: true, d: null, e: [1], f: { g: "h" }, i: undefined }), [
    { key: "a", value: "x" },
    { key: "b", value: "1.5" },
    { key: "c", value: "true" },
    { key: "d", value: "null" },
    { key: "e", value: "[1]" },
    { key: "f", value: '{"g":"h"}' },
  ]);
});

it("strings come back as they were, whatever their keys", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), (object) => {
      const pairs = toKeyValues(object);
      assert.ok(isKeyValues(pairs));
      assert.equal(canonicalJson(fromKeyValues(pairs)), canonicalJson({ ...object }));
    }),
  );
  assert.equal(JSON.stringify(fromKeyValues([{ key: "__proto__", value: "x" }])), `{"__proto__":"x"}`);
});

it("fromKeyValues() refuses a key twice", () => {
  const pair = { key: "a", value: "1" };
  assert.throws(() => fromKeyValues([pair, pair]), new IonError("invalid", "key 'a' stands twice"));
});

for (const value of [{}, "a", null, [1], [{ key: "a" }], [{ value: "a" }], [{ key: "a", value: {} }]]) {
  it(`isKeyValues() refuses ${JSON.stringify(value)}`, () => assert.equal(isKeyValues(value), false));
}

it("canonicalJson() gives equal values equal texts", () => {
  assert.equal(canonicalJson({ b: 1, a: { d: 1, c: [2, 1] } }), `{"a":{"c":[2,1],"d":1},"b":1}`);
});
