import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { attemptKey, blobPrefix, derivedIds, deriveId, isId, rootId } from "../../runtime/contract/ids.ts";

const part = fc.string({ minLength: 1 }).filter((text) => !text.includes("\u001f"));

it("deriveId() repeats itself and says its version", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (parts) => {
      const id = deriveId(...parts);
      assert.equal(deriveId(...parts), id);
      assert.ok(isId(id));
      assert.match(id, /^.{14}8.{4}[89ab]/);
    }),
  );
});

it("deriveId() tells any two inputs apart, wherever a part ends", () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1 }), fc.array(part, { minLength: 1 }), (a, b) => {
      const same = a.length === b.length && a.every((each, index) => each === b[index]);
      assert.equal(deriveId(...a) === deriveId(...b), same);
    }),
  );
  assert.notEqual(deriveId("ab", "c"), deriveId("a", "bc"));
  assert.notEqual(deriveId("a", "b"), deriveId("ab"));
});

it("deriveId() is what it was: stored flows depend on it", () => {
  assert.equal(deriveId("downloader", "event"), "b93af249-a199-8cc4-bbb8-f9460450d581");
});

it("derivedIds tell modules, events and files apart", () => {
  const executions = ["a", "b"].flatMap((module) => ["1", "2"].map((id) => derivedIds.execution(module, id)));
  const children = executions.flatMap((id) => ["1.json", "2.json"].map((file) => derivedIds.child(id, file)));
  assert.equal(new Set([...executions, ...children]).size, 12);
});

it("rootId() is random without a key and derived with one", () => {
  assert.notEqual(rootId(), rootId());
  assert.equal(rootId("key"), rootId("key"));
  assert.notEqual(rootId("key"), rootId("other"));
  assert.ok(isId(rootId()));
});

it("attempts share neither key nor path", () => {
  assert.equal(attemptKey("execution", 2), "execution.a2");
  assert.equal(blobPrefix("flow", "execution", 2), "flow/execution/a2");
});

for (const text of ["", "a", "../../etc/passwd", `${rootId()}x`, rootId().toUpperCase()]) {
  it(`isId() refuses "${text.length > 40 ? "a longer text" : text}"`, () => assert.equal(isId(text), false));
}
