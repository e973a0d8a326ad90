import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Figure } from "./measure.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));
const program = join(project, "runtime/main/ion.ts");
const moduleCount = 500;
/** Modules that subscribe to the same event type. */
const fanOut = 5;

/** A tree of modules, and the stack of the sample pipeline without what is about its modules. */
function declareMany(folder: string): string {
  const packages = join(folder, "node_modules");
  const modules = join(folder, "modules");
  mkdirSync(packages);
  mkdirSync(join(modules, "stacks"), { recursive: true });
  symlinkSync(project, join(packages, "ion"));
  symlinkSync(join(project, "node_modules/zod"), join(packages, "zod"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(
    join(modules, "stacks/dev.ts"),
    `import dev from "ion-samples/stacks/dev.ts";\nconst { images, ...stack } = dev;\nexport default stack;\n`,
  );
  symlinkSync(join(project, "modules"), join(packages, "ion-samples"));
  const file = join(modules, "index.ts");
  writeFileSync(
    file,
    `import { defineModule, event, kubernetes, pipeline } from "ion";
import { z } from "zod";
const events = Array.from({ length: ${moduleCount + 1} }, (_, n) =>
  event("event_" + n, z.object({ kind: z.enum(["a", "b"]), ["n" + n]: z.int() })));
const modules = Array.from({ length: ${moduleCount} }, (_, n) => defineModule({
  name: "module-" + n,
  on: events[Math.ceil(n / ${fanOut})].where({ kind: "a" }),
  emits: [events[n + 1]],
  image: "registry.example/module@sha256:${"0".repeat(64)}",
  command: ["true"],
  executor: kubernetes({ cpu: 1, memory: "512Mi" }),
  config: { NUMBER: String(n) },
}));
export default pipeline("many", modules, { sources: [events[0]] });
`,
  );
  return file;
}

/** Seconds from the start of a process to its end; it must write every manifest anew. */
function synthesize(pipelineFile: string, folder: string, modules: number): number {
  const out = mkdtempSync(join(folder, "out-"));
  const started = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", program, "synth", "--pipeline", pipelineFile, "--out", out],
    { encoding: "utf8" },
  );
  const seconds = (performance.now() - started) / 1000;
  const files = readdirSync(out).length;
  if (status !== 0 || files !== modules + 1) throw new Error(`${status}: ${files} files: ${stderr}`);
  return seconds;
}

/** From the start of an `ion synth` process to its end. */
export function measureSynth(rounds: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "ion-bench-synth-"));
  try {
    const measure = (file: string, modules: number) =>
      Array.from({ length: rounds }, () => synthesize(file, folder, modules));
    const samples = join(project, "modules/index.ts");
    // Once untimed, so that every round finds the compile cache as the second run of anyone does.
    synthesize(samples, folder, 7);
    const many = declareMany(folder);
    return Promise.resolve([
      {
        name: "`ion synth` of the sample pipeline",
        values: measure(samples, 7),
        unit: "s",
        target: { kind: "at most", value: 0.5 },
        note: "a process from its start to its end; 7 modules",
      },
      {
        name: `\`ion synth\` of ${moduleCount} modules`,
        values: measure(many, moduleCount),
        unit: "s",
        target: { kind: "at most", value: 3 },
        note: `the same; ${moduleCount + 1} event types`,
      },
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
