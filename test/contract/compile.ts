import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder, absolute, without a slash at its end. */
export const repository = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/**
 * Runs the compiler on a project.
 *
 * @param project folder of a tsconfig.json, absolute
 * @returns what it says of each file, by the file's path relative to the project
 */
export function compile(project: string): Map<string, string> {
  const compiler = join(repository, "node_modules/typescript/bin/tsc");
  const { stdout, stderr, error } = spawnSync(
    process.execPath,
    [compiler, "-p", project, "--pretty", "false"],
    {
      cwd: project,
      encoding: "utf8",
      maxBuffer: 64 * 2 ** 20,
    },
  );
  if (error !== undefined) throw error;
  const said = new Map<string, string>();
  let file = "";
  for (const line of `${stdout}${stderr}`.split("\n").filter((each) => each !== "")) {
    file = /^(?<file>.+?)\(\d+,\d+\): error /.exec(line)?.groups?.file ?? file;
    said.set(file, `${said.get(file) ?? ""}${line}\n`);
  }
  return said;
}

/** A folder in the repository that git ignores, so that imports find the packages. */
export function makeScratch(name: string): { readonly folder: string } & Disposable {
  const cache = join(repository, ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, `${name}-`));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
