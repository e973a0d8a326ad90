/*
 * Shows that the tests hold what Ion promises: takes away the line that keeps a promise, in a copy,
 * and expects a test to fail. Ends with 1 when nobody notices or a line is not there any more.
 * With `--write` it writes the page about it.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyTree, mutate, repository, runTests } from "./copy.ts";
import { type Mutation, mutations } from "./mutations.ts";
import { renderPage, type Verdict } from "./page.ts";

const parallel = 2;

async function judge(mutation: Mutation): Promise<Verdict> {
  using copy = copyTree();
  try {
    mutate(copy.folder, mutation);
  } catch (thrown) {
    return { mutation, problem: thrown instanceof Error ? thrown.message : String(thrown) };
  }
  const [first] = await runTests(copy.folder, mutation.tests);
  return first === undefined ? { mutation, problem: "no test has failed" } : { mutation, failed: first };
}

/** Without this a failing test would say nothing. */
async function requirePassing(tests: readonly string[]): Promise<void> {
  using copy = copyTree();
  const failures = await runTests(copy.folder, tests);
  if (failures.length === 0) return;
  console.error(`cannot judge: tests fail as it is: ${failures.join("; ")}`);
  process.exit(1);
}

const all = Object.values(mutations).flat();
await requirePassing([...new Set(all.flatMap(({ tests }) => tests))]);
const verdicts: Verdict[] = [];
const waiting = all.entries();
async function judgeNext(): Promise<void> {
  for (const [index, mutation] of waiting) {
    const verdict = await judge(mutation);
    verdicts[index] = verdict;
    console.log(`${verdict.problem === undefined ? "noticed" : "SURVIVED"}  ${mutation.promise}`);
    console.log(`          ${verdict.problem ?? verdict.failed}`);
  }
}
await Promise.all(Array.from({ length: parallel }, judgeNext));
const survivors = verdicts.filter(({ problem }) => problem !== undefined);
console.log(`${all.length - survivors.length} of ${all.length} promises are held by tests`);
if (process.argv.includes("--write"))
  writeFileSync(join(repository, "docs/promises.md"), renderPage(verdicts));
process.exitCode = survivors.length === 0 ? 0 : 1;
