import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite, test } from "node:test";

const readme = readFileSync("modules/README.md", "utf8");
const snippets = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", code = ""]) => ({
  language,
  code,
}));

function findSnippet(language: string, text: string): string {
  const found = snippets.find((snippet) => snippet.language === language && snippet.code.includes(text));
  assert.ok(found !== undefined, `modules/README.md has no ${language} snippet with '${text}'`);
  return found.code;
}

/** Inside the project, so that the snippets find `ion` as a team's modules do. */
function makeProject(): string {
  mkdirSync(".cache", { recursive: true });
  const folder = mkdtempSync(resolve(".cache/readme-"));
  for (const name of ["modules/letters", "test/modules"]) mkdirSync(join(folder, name), { recursive: true });
  return folder;
}

function runReadmeTest(declaration: string, programName: string, program: string): void {
  const folder = makeProject();
  try {
    writeFileSync(join(folder, "modules/letters/module.ts"), declaration);
    writeFileSync(join(folder, "modules/letters", programName), program);
    writeFileSync(join(folder, "test/modules/letters.test.ts"), findSnippet("ts", "runModule"));
    const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
    const options = { cwd: folder, env: environment, encoding: "utf8", stdio: "pipe" } as const;
    execFileSync(process.execPath, ["--test", "test/modules/letters.test.ts"], options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

suite("modules/README.md", () => {
  const declaration = findSnippet("ts", "defineModule");

  test("shows a TypeScript module whose test passes", () => {
    runReadmeTest(declaration, "main.ts", findSnippet("ts", "await run("));
  });

  const skip = spawnSync("python3", ["--version"]).status === 0 ? false : "there is no python3 on the PATH";
  test("shows a Python module whose test passes", { skip }, () => {
    const command = /command: \["python3", "modules\/letters\/main\.py"\]/.exec(readme)?.[0];
    assert.ok(command !== undefined);
    const python = declaration.replace(/command: \[.*\]/, command);
    runReadmeTest(python, "main.py", findSnippet("python", "ION_DIR"));
  });
});
