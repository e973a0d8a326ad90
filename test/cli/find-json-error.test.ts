import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findJsonError } from "../../runtime/cli/find-json-error.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const cases: readonly [text: string, line: number, column: number][] = [
  ["", 1, 1],
  ["{", 1, 2],
  ["{a: 1}", 1, 2],
  ['{"a": 1,}', 1, 9],
  ['{"a": 1\n "b": 2}', 2, 2],
  ["[1, 2", 1, 6],
  ["[1}", 1, 3],
  ["01", 1, 2],
  ["{} x", 1, 4],
  ["'a'", 1, 1],
  ['"a\tb"', 1, 1],
];

for (const [text, line, column] of cases) {
  test(`findJsonError() finds the place in ${JSON.stringify(text)}`, () => {
    assert.deepEqual(findJsonError(text), { line, column });
  });
}

test("findJsonError() takes what JSON.parse() takes", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.equal(findJsonError(text), undefined);
    }),
  );
});

test("findJsonError() refuses what JSON.parse() refuses", () => {
  const damaged = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom("", ",", '"', "}", "]", "x", "\u0001", "\\", "\u007f"))
    .map(([text, place, insert]) => {
      const offset = place % (text.length + 1);
      return text.slice(0, offset) + insert + text.slice(offset + 1);
    });
  fc.assert(
    fc.property(damaged, (text) => {
      assert.equal(findJsonError(text) === undefined, isJson(text));
    }),
    { numRuns: 2_000 },
  );
});
