import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { compile, makeScratch, repository } from "../contract/compile.ts";
import { findForbiddenWords, listLinks, listSnippets, type Snippet } from "./markdown.ts";

const documents = globSync(["README.md", "docs/**/*.md", "modules/**/README.md"], { cwd: repository })
  .filter((path) => !path.split("/").includes("node_modules"))
  .toSorted();

const read = (document: string) => readFileSync(join(repository, document), "utf8");
const folderOf = (document: string) => document.replaceAll(/[^A-Za-z0-9]+/g, "-");

/**
 * Where a snippet lies, relative to the repository: its first line says so (`// modules/x/module.ts`),
 * else it lies at the top. It finds the repository's files and the other snippets beside it.
 */
const placeOf = (document: string, { code, line }: Snippet) =>
  /^\/\/ ((?:[\w.-]+\/)*[\w.-]+\.ts)\n/.exec(code)?.[1] ?? `${folderOf(document)}-line-${line}.ts`;

function run(command: string, parameters: readonly string[], cwd: string): void {
  const path = `${join(repository, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`;
  try {
    execFileSync(command, parameters, {
      cwd,
      encoding: "utf8",
      timeout: 180_000,
      env: { ...process.env, PATH: path },
    });
  } catch (thrown) {
    const output = thrown instanceof Error && "stderr" in thrown ? String(thrown.stderr) : String(thrown);
    assert.fail(`it ends with an error:\n${output}`);
  }
}

/** A folder that looks like a checkout, so that what a command leaves behind is not in the real one. */
function linkCheckout(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(repository)) {
    if (![".git", ".cache", ".ion"].includes(name)) symlinkSync(join(repository, name), join(folder, name));
  }
}

const scratch = makeScratch("docs");
let said = new Map<string, string>();

before(() => {
  const { folder } = scratch;
  const options = { moduleDetection: "force", rootDirs: [".", "../.."] };
  const config = {
    extends: "../../tsconfig.json",
    compilerOptions: options,
    include: ["**/*.ts"],
    exclude: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const snippets = documents.flatMap((document) =>
    listSnippets(read(document))
      .filter(({ tags }) => tags[0] === "ts")
      .map((snippet) => ({ file: join(folder, placeOf(document, snippet)), code: snippet.code })),
  );
  for (const { file, code } of snippets) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code, { flag: "wx" });
  }
  if (snippets.length > 0) said = compile(folder);
});
after(() => scratch[Symbol.dispose]());

for (const document of documents) {
  describe(document, () => {
    const text = read(document);
    it("links to files that are there", () => {
      const missing = listLinks(text).filter(
        (target) => !existsSync(join(repository, dirname(document), decodeURI(target))),
      );
      assert.deepEqual(missing, []);
    });
    it("holds for any machine", () => assert.deepEqual(findForbiddenWords(text), []));

    for (const snippet of listSnippets(text)) {
      const { tags, line, code } = snippet;
      const place = placeOf(document, snippet);
      if (tags[0] === "ts") it(`line ${line}: compiles`, () => assert.equal(said.get(place), undefined));
      if (!tags.includes("run")) continue;
      it(`line ${line}: runs`, () => {
        if (tags[0] === "ts") return run(process.execPath, [place], scratch.folder);
        assert.equal(tags[0], "sh", "only ts and sh can be run");
        const checkout = join(scratch.folder, `${folderOf(document)}-${line}`);
        linkCheckout(checkout);
        run("sh", ["-euc", code], checkout);
      });
    }
  });
}

describe("what is looked for in documents", () => {
  it("is found", () => {
    const markdown =
      "see [a](docs/a.md#top) and [b](https://example.org)\n```ts run\nfoo();\n```\n`[c](d.md)`\n";
    assert.deepEqual(listLinks(markdown), ["docs/a.md"]);
    assert.deepEqual(listSnippets(markdown), [{ tags: ["ts", "run"], line: 3, code: "foo();\n" }]);
  });
  for (const [words, found] of [
    ["see ../shared/design/a.md", "a pointer outside the repository: ../shared"],
    ["in /home/ann/ion", "a path of somebody's machine: /home/ann"],
    [
      "from https://registry.example.org/npm/",
      "the host of a registry or proxy: https://registry.example.org/npm/",
    ],
  ] as const) {
    it(`refuses ${words}`, () => assert.deepEqual(findForbiddenWords(words), [found]));
  }
  it("takes addresses, images and folders of ION_DIR", () => {
    const words =
      'image: "registry.example/downloader@sha256:0" at http://127.0.0.1:9001/work/x, out/data, /ion';
    assert.deepEqual(findForbiddenWords(words), []);
  });
});
