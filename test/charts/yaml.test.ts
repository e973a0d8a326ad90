import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../../runtime/charts/props.ts";
import { toYaml } from "../../runtime/charts/yaml.ts";
import { rendered } from "./rendered.ts";

/** Older tools read YAML 1.1, in which `yes` is true and `010` is 8. */
const versions = ["1.1", "1.2"] as const;

const read = (yaml: string, version: (typeof versions)[number]): unknown[] =>
  parseAllDocuments(yaml, { version }).map((document) => {
    assert.deepEqual(document.errors, []);
    return document.toJS();
  });

const nasty = fc.constantFrom(
  ..."yes no on off y n E0 e-5 e1 _1 null ~ true NULL 010 0x1f 1e3 1_000 12:30:45 2026-01-01 .inf - -- --- : a: #b !c &d *e |f >g %h @i = << [ ] { } , ? ' \" \\".split(
    " ",
  ),
  "",
  " ",
  "\n",
  "a\n",
  "a\n\n",
  "a\nb",
  " a\nb\n",
  "a\n b\n",
  "a \nb\n",
  "a\n\tb\n",
  "a\r\nb\n",
  "a\u2028b\n",
  "\u0085",
  "\ufeff",
  "a\ufeffb\n",
  "---\nb\n",
  "#\n",
);

const text = fc.oneof(
  nasty,
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.array(nasty).map((all) => all.join("\n")),
);

const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(
      text.filter((key) => key !== "__proto__"),
      tie("tree"),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}));

test("toYaml() says what any parser reads back as it was", () => {
  fc.assert(
    fc.property(tree, (spec) => {
      const object: KubernetesObject = { apiVersion: "v1", kind: "Sample", metadata: { name: "a" }, spec };
      for (const version of versions)
        assert.deepEqual(read(toYaml([object, object]), version), [object, object]);
    }),
    { numRuns: 2_000 },
  );
});

test("toYaml() has no character that a strict parser refuses", () => {
  fc.assert(
    fc.property(text, (spec) => {
      const yaml = toYaml([{ apiVersion: "v1", kind: "Sample", metadata: { name: "a" }, spec }]);
      // What is printable in YAML, less the byte order mark. https://yaml.org/spec/1.2.2/#51-character-set
      assert.match(
        yaml,
        /^[\n\t\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u,
      );
    }),
    { numRuns: 2_000 },
  );
});

for (const { name, manifests } of rendered) {
  test(`${name}: the files say the objects`, () => {
    for (const { yaml, objects } of manifests) {
      for (const version of versions) assert.deepEqual(read(yaml, version), objects);
    }
  });
}
