import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { declarations } from "../../runtime/main/synth.ts";
import { type RunResult, run } from "../cli/harness.ts";
import { repository, temporaryFolder } from "./command.ts";

/** A project that is only declared: nothing of it can run. */
export interface DeclaredProject {
  readonly folder: string;
  readonly pipelineFile: string;
  /** Where `synth()` writes. */
  readonly out: string;
  declare(modules: Readonly<Record<string, string>>, rest?: string): void;
  declareStack(name: string, fields?: string): void;
  /** Runs a command of this project's in this process. */
  ion(command: "check" | "synth" | "graph", ...options: readonly string[]): Promise<RunResult>;
  /** What is in `out`, by file. */
  read(): Record<string, string>;
}

export const digest = `sha256:${"0".repeat(64)}`;

const head = `import * as ion from "ion";
import { z } from "zod";
const asked = ion.event("asked", z.object({ kind: z.enum(["a", "b"]) }));
const answered = ion.event("answered", z.object({}));
const base = { on: asked, emits: [answered], command: ["true"], image: "registry.example/echo@${digest}" };
`;

const stackFields = `
  runtimeImage: "registry.example/runtime@${digest}",
  azure: {
    tenantId: "tenant",
    serviceBusNamespace: "bus",
    blobEndpoint: "https://blobs.example",
    cosmosEndpoint: "https://documents.example",
    batchEndpoint: "https://batch.example",
    clientIds: { gateway: "g", management: "m", sweeper: "s", dispatcher: "d", job: "j", keda: "k" },
  },
  pools: [
    { name: "small", cpu: 2, memory: "4Gi", count: 2 },
    { name: "cheap", cpu: 4, memory: "8Gi", spot: true, count: 2 },
    { name: "gpus", executor: "batch", cpu: 6, memory: "50Gi", gpu: 1, count: 1 },
  ],`;

function readFolder(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .toSorted()
      .map((file) => [file, readFileSync(join(folder, file), "utf8")]),
  );
}

/** Makes a project with a stack named `dev`; it is gone after the test. */
export function declareProject(t: TestContext): DeclaredProject {
  const folder = temporaryFolder(t);
  const modules = join(folder, "modules");
  const packages = join(folder, "node_modules");
  mkdirSync(join(modules, "stacks"), { recursive: true });
  mkdirSync(packages);
  symlinkSync(repository, join(packages, "ion"));
  symlinkSync(join(repository, "node_modules/zod"), join(packages, "zod"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  const [pipelineFile, out] = [join(modules, "index.ts"), join(folder, "out")];
  const project: DeclaredProject = {
    folder,
    pipelineFile,
    out,
    declare(declared, rest = "{ sources: [asked] }") {
      const lines = Object.entries(declared).map(
        ([name, fields]) => `  ion.defineModule({ ...base, name: "${name}", ${fields} }),\n`,
      );
      writeFileSync(
        pipelineFile,
        `${head}export default ion.pipeline("project", [\n${lines.join("")}], ${rest});\n`,
      );
    },
    declareStack(name, fields = "") {
      writeFileSync(
        join(modules, "stacks", `${name}.ts`),
        `export default { name: "${name}",${stackFields} ${fields} };\n`,
      );
    },
    ion(command, ...options) {
      const where = command === "synth" ? ["--out", out] : [];
      return run([command, "--pipeline", pipelineFile, ...where, ...options], { declarations });
    },
    read: () => readFolder(out),
  };
  project.declareStack("dev");
  return project;
}
