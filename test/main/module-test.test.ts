import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { runIon, temporaryFolder } from "./command.ts";

const moduleTest = (pipeline: string, argv: readonly string[], environment: Record<string, string> = {}) =>
  runIon(["module", "test", ...argv, "--pipeline", `test/main/pipelines/${pipeline}.ts`], { environment });

const trickster = (trick: string) => ["trickster", "--event", "wanted", "--data", JSON.stringify({ trick })];

suite("ion module test on real programs", () => {
  test("shows what would be committed, in words and as JSON", async () => {
    const { code, stdout, stderr } = await moduleTest("hostile", trickster("none"));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /made .*good\.txt/);
    const json = await moduleTest("hostile", [...trickster("none"), "--json"]);
    const { output } = JSON.parse(json.stdout);
    assert.deepEqual(output.children, [{ type: "made", data: { n: 1 }, files: ["good.txt"] }]);
    assert.deepEqual(output.insight, { seen: true });
  });

  test("brings files, in the original format too", async (t) => {
    const letter = join(temporaryFolder(t), "letter.txt");
    writeFileSync(letter, "three short words\n");
    const data = JSON.stringify({ language: "en", pages: 1 });
    const argv = ["counter", "--event", "document_sent", "--data", data, "--file", letter];
    const { code, stdout, stderr } = await moduleTest("original", argv);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /words_counted .*\bwords=3\b/);
  });

  test("exits 1 for a program that fails, with its words", async (t) => {
    const argv = ["reader", "--event", "words_counted", "--data", '{"words":1,"exact":true,"path":"x"}'];
    const { code, stdout, stderr } = await moduleTest("original", argv, { TMPDIR: temporaryFolder(t) });
    assert.equal(code, 1);
    assert.match(stdout + stderr, /exit 1: cp: .*summary\.txt/);
  });

  for (const [trick, message] of [
    ["symbolic link", /'out\/data\/link' is a symbolic link/],
    ["schema violation", /breaks the schema of event type 'made'/],
    ["over quota", /the module's limit is 64\.0 KiB/],
  ] as const) {
    test(`exits 1 for hostile output: ${trick}`, async (t) => {
      const { code, stdout, stderr } = await moduleTest("hostile", trickster(trick), {
        TMPDIR: temporaryFolder(t),
      });
      assert.equal(code, 1);
      assert.match(stdout + stderr, message);
    });
  }

  test("says which secret is missing", async () => {
    const { code, stderr } = await moduleTest("secrets", ["needy", "--event", "lacking"]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /its secret 'ABSENT_TOKEN' is not there/);
  });

  for (const [name, argv, why] of [
    ["an unknown module", ["nobody", "--event", "wanted"], /has no module 'nobody': its modules are/],
    [
      "an event it doesn't handle",
      ["trickster", "--event", "made"],
      /doesn't handle 'made': it handles wanted/,
    ],
    [
      "data that breaks the schema",
      ["trickster", "--event", "wanted"],
      /doesn't fit event type 'wanted': .*trick/,
    ],
    ["broken JSON", ["trickster", "--event", "wanted", "--data", "{"], /no JSON/],
    ["a file that isn't there", [...trickster("none"), "--file", "nowhere"], /nowhere/],
    ["no event", ["trickster"], /--event/],
  ] as const) {
    test(`exits 2 for ${name}`, async () => {
      const { code, stdout, stderr } = await moduleTest("hostile", argv);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" }, stderr);
      assert.match(stderr, why);
      assert.match(stderr, /^ion: [^\n]+\n$/);
    });
  }
});
