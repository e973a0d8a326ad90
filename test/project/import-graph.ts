import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** What each file imports of the repository's other files; paths are relative to the repository. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

const stringsAndComments =
  /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
const staticImport = /\b(?:import|export)\b(?:[^;"'()=]*?\bfrom)?\s*["']([^"']+)["']/g;
const dynamicImport = /\bimport\s*\(\s*["']([^"']+)["']/g;

/** The program without comments and templates, in which imports may stand as examples. */
export function stripText(source: string): string {
  return source.replace(stringsAndComments, (_, string: string | undefined) => string ?? " ");
}

/** Every specifier that a program imports or re-exports, types too. */
export function listImports(source: string): string[] {
  const text = stripText(source);
  return [staticImport, dynamicImport].flatMap((pattern) =>
    Array.from(text.matchAll(pattern), (match) => match[1] ?? ""),
  );
}

/** The packages by which the repository imports itself: package.json's exports. */
export type OwnPackages = Readonly<Record<string, string>>;

/** @returns the file, or undefined where the specifier names a package */
export function resolveImport(file: string, specifier: string, own: OwnPackages): string | undefined {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(file), specifier);
  return own[specifier];
}

/** Every TypeScript file below some folders of the repository. */
export function listSources(repository: string, folders: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    try {
      return readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".ts") && !path.split("/").includes("node_modules"))
        .map((path) => `${folder}/${path}`);
    } catch (thrown) {
      // A room that is not built yet has no imports.
      if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return [];
      throw thrown;
    }
  });
}

export function readGraph(repository: string, files: readonly string[], own: OwnPackages): ImportGraph {
  return new Map(
    files.map((file) => [
      file,
      listImports(readFileSync(join(repository, file), "utf8"))
        .map((specifier) => resolveImport(file, specifier, own))
        .filter((target) => target !== undefined),
    ]),
  );
}

/** @returns one import cycle, its first file again at its end; undefined when there is none */
export function findCycle(graph: ImportGraph): string[] | undefined {
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): string[] | undefined => {
    const at = path.indexOf(file);
    if (at !== -1) return [...path.slice(at), file];
    if (done.has(file)) return undefined;
    for (const target of graph.get(file) ?? []) {
      const cycle = walk(target, [...path, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = walk(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
