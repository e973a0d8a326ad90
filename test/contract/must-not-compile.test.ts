import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { hasCode } from "../../runtime/contract/errors.ts";
import { compile, repository } from "./compile.ts";

const folder = join(repository, "test/contract/must-not-compile");

interface Fixture {
  readonly name: string;
  /** Words of the compiler's message; absent where the file must compile. */
  readonly expected?: string;
  /** Words of the error that the same declaration throws when types are not looked at. */
  readonly atRunTime?: string;
}

function readFixture(name: string): Fixture {
  const text = readFileSync(join(folder, name), "utf8");
  const expected = /^\/\/ expect: (.+)$/m.exec(text)?.[1];
  const atRunTime = /^\/\/ at run time: (.+)$/m.exec(text)?.[1];
  return { name, ...(expected !== undefined && { expected }), ...(atRunTime !== undefined && { atRunTime }) };
}

const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith(".ts"))
  .map(readFixture);

describe("the compiler", () => {
  let said = new Map<string, string>();
  before(() => {
    said = compile(folder);
  });

  for (const { name, expected } of fixtures) {
    if (expected === undefined) {
      it(`takes ${name}`, () => assert.equal(said.get(name), undefined));
    } else {
      it(`refuses ${name}: ${expected}`, () => {
        const message = said.get(name) ?? "nothing";
        assert.ok(message.includes(expected), `it says ${message}`);
      });
    }
  }

  it("says nothing of any other file", () => {
    const others = [...said.keys()].filter((file) => !fixtures.some(({ name }) => name === file));
    assert.deepEqual(others, []);
  });
});

describe("the same declaration, run", () => {
  for (const { name, expected, atRunTime } of fixtures) {
    if (atRunTime === undefined) continue;
    it(`${name} throws${atRunTime === expected ? " the same words" : `: ${atRunTime}`}`, async () => {
      await assert.rejects(
        import(join(folder, name)),
        (thrown) => hasCode(thrown, "invalid") && thrown.message.split("\n").includes(atRunTime),
      );
    });
  }

  it("compiles.ts gives a pipeline", async () => {
    const { default: found } = await import("./must-not-compile/compiles.ts");
    assert.deepEqual(
      found.spec.modules.map(({ name }) => name),
      ["fetch", "transcode", "thumbs", "archive", "report"],
    );
  });
});
