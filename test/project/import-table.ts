import type { ImportGraph } from "./import-graph.ts";

interface Rule {
  /** The files it is about; the folder of the first match that has a group is the room itself. */
  readonly from: RegExp;
  /** What they may import besides their own room. */
  readonly to: readonly RegExp[];
}

const contract = /^runtime\/contract\//;
const ports = /^runtime\/ports\//;

/** Architecture.md's table. The first rule that fits a file decides. */
const rules: readonly Rule[] = [
  { from: /^(runtime\/contract\/)/, to: [] },
  { from: /^(runtime\/(?:ports|charts)\/)/, to: [contract] },
  { from: /^(runtime\/(?:dispatcher|job|gateway|management)\/)/, to: [ports, contract] },
  { from: /^(runtime\/adapters\/[^/]+\/)/, to: [ports, contract] },
  { from: /^(runtime\/cli\/)/, to: [contract, /^runtime\/management\/(?:client|api)\.ts$/] },
  { from: /^(runtime\/main\/)/, to: [/^runtime\//] },
  { from: /^(infra\/)/, to: [contract, /^runtime\/charts\//] },
  { from: /^(modules\/)/, to: [contract, /^runtime\/charts\/props\.ts$/] },
];

function mayImport(file: string, target: string): boolean {
  const rule = rules.find(({ from }) => from.test(file));
  if (rule === undefined) return false;
  const room = rule.from.exec(file)?.[1] ?? "";
  return target.startsWith(room) || rule.to.some((pattern) => pattern.test(target));
}

/** @returns every import that the table forbids, as `file -> target` */
export function findForbidden(graph: ImportGraph): string[] {
  return [...graph].flatMap(([file, targets]) =>
    targets.filter((target) => !mayImport(file, target)).map((target) => `${file} -> ${target}`),
  );
}

const vagueFolder = /(?:^|\/)(?:utils?|common|helpers?|types)\//;

/** @returns the files in folders whose name says nothing of what is in them */
export function findVagueFolders(files: readonly string[]): string[] {
  return files.filter((file) => vagueFolder.test(file));
}

/** Configuration is read once, in the composition roots; a module's program reads its own. */
export function mayReadEnvironment(file: string): boolean {
  return !file.startsWith("runtime/") || file.startsWith("runtime/main/");
}
