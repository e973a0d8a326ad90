import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Mutation } from "./mutations.ts";

export const repository = resolve(import.meta.dirname, "../..");

/** A case that takes longer has failed; so has a file that doesn't even come to an end. */
const caseMilliseconds = 15_000;
const filesMilliseconds = 30_000;

/** How a run of tests ended: the cases that failed, outermost last; none when all have passed. */
export type Failures = readonly string[];

/** A copy of what the tests need, which is gone in the end. */
export function copyTree(): { readonly folder: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "ion-mutation-"));
  for (const part of ["runtime", "test/dispatcher", "test/job", "test/ports", "package.json"]) {
    cpSync(join(repository, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** @throws Error when the line to take away isn't there, or isn't the only one */
export function mutate(folder: string, { file, replace: [from, to] }: Mutation): void {
  const path = join(folder, file);
  const parts = readFileSync(path, "utf8").split(from);
  if (parts.length !== 2) throw new Error(`'${from.trim()}' stands ${parts.length - 1} times in ${file}`);
  writeFileSync(path, parts.join(to));
}

const caseLine = /^\s*not ok \d+ - (.*?)(?: # .*)?$/gm;

/** Runs test files in a copy. One that doesn't end has failed. */
export async function runTests(folder: string, tests: readonly string[]): Promise<Failures> {
  const options = ["--test", "--test-reporter=tap", `--test-timeout=${caseMilliseconds}`];
  const parameters = ["--disable-warning=ExperimentalWarning", ...options, ...tests];
  const child = spawn(process.execPath, parameters, {
    cwd: folder,
    stdio: ["ignore", "pipe", "ignore"],
    timeout: filesMilliseconds * tests.length,
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    output += part;
  });
  const { promise, resolve: end } = Promise.withResolvers<number | null>();
  child.on("close", end);
  if ((await promise) === 0) return [];
  const failures = Array.from(output.matchAll(caseLine), (match) => match[1] ?? "");
  return failures.length > 0 ? failures : ["the tests did not end"];
}
