import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { hasCode } from "../../runtime/contract/errors.ts";
import { event } from "../../runtime/contract/event.ts";
import { findEventTypeProblem, findModuleNameProblem } from "../../runtime/contract/names.ts";

describe("a module's name", () => {
  for (const name of ["a", "a-1", "0", "x".repeat(40)]) {
    it(`may be '${name}'`, () => assert.equal(findModuleNameProblem(name), undefined));
  }
  for (const name of ["", "A", "a_b", "-a", "a-", "a.b", "ä", "a b", "a\n"]) {
    it(`may not be ${JSON.stringify(name)}`, () => {
      const message = `module name '${name}' is not an RFC 1123 label: use lower-case letters, digits and '-', with a letter or digit at both ends`;
      assert.equal(findModuleNameProblem(name), message);
    });
  }
  it("may not be longer than 40", () => {
    const name = "x".repeat(41);
    assert.equal(
      findModuleNameProblem(name),
      `module name '${name}' has 41 characters: at most 40 are allowed`,
    );
  });
});

describe("an event type", () => {
  for (const type of ["frontapi.new_link", "A-1", "x".repeat(50)]) {
    it(`may be '${type}'`, () => assert.equal(findEventTypeProblem(type), undefined));
  }
  for (const type of ["", "a/b", ".a", "a.", "a b", "é", "a\n", "a\u0000"]) {
    it(`may not be ${JSON.stringify(type)}`, () =>
      assert.match(findEventTypeProblem(type) ?? "", /has a character that a topic's name can't carry: use/));
  }
  it("may not be longer than 50", () => {
    const type = "x".repeat(51);
    assert.equal(
      findEventTypeProblem(type),
      `event type '${type}' has 51 characters: at most 50 are allowed`,
    );
  });
  it("of Ion's own can't be declared", () => {
    assert.throws(
      () => event("ion.mine", z.object({})),
      (thrown) =>
        hasCode(thrown, "invalid") &&
        thrown.message ===
          "event type 'ion.mine' begins with 'ion.', which only Ion's own events may: choose another name",
    );
  });
});
