import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { repository, temporaryFolder } from "./command.ts";

/** A team's project in a folder of its own, with Ion installed. */
export interface Project {
  readonly folder: string;
  /** Puts one text in the place of another and saves the file whole, as editors do. */
  edit(path: string, before: string, after: string): void;
}

/** Copies the project of `project/`; it is gone after the test. */
export function makeProject(t: TestContext): Project {
  const folder = temporaryFolder(t);
  cpSync(join(import.meta.dirname, "project"), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  const packages = join(folder, "node_modules");
  mkdirSync(packages);
  symlinkSync(repository, join(packages, "ion"));
  symlinkSync(join(repository, "node_modules/zod"), join(packages, "zod"));
  return {
    folder,
    edit(path, before, after) {
      const file = join(folder, path);
      const content = readFileSync(file, "utf8");
      assert(content.includes(before), `'${path}' has no '${before}'`);
      const saved = join(folder, ".saved");
      writeFileSync(
        saved,
        content.replace(before, () => after),
      );
      renameSync(saved, file);
    },
  };
}
