import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { setPriority } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const source = fileURLToPath(new URL("testbed", import.meta.url));

/** What KEDA's custom resources are checked against; `go mod download` verifies it as any module. */
export const kedaVersion = "v2.21.0";

/** Where the API server and its store lie once built. */
export interface Programs {
  readonly etcd: string;
  readonly apiServer: string;
  /** Of Kubernetes, such as `v1.35.4`. */
  readonly version: string;
}

interface Program {
  readonly name: string;
  readonly importPath: string;
}

const programs = [
  { name: "etcd", importPath: "go.etcd.io/etcd/server/v3" },
  { name: "kube-apiserver", importPath: "k8s.io/kubernetes/cmd/kube-apiserver" },
] as const satisfies readonly Program[];

/** Says what happens, a line at a time. */
export type Report = (line: string) => void;

function readVersion(goMod: string): string {
  const version = /^\s*(?:require )?k8s\.io\/kubernetes (v\S+)/m.exec(goMod)?.[1];
  if (version === undefined)
    throw new Error(`Cannot tell the version, as ${source}/go.mod requires no k8s.io/kubernetes.`);
  return version;
}

/** `ION_TESTBED_CACHE`, else `.cache/testbed` in the repository. */
export function cacheFolder(): string {
  return resolve(repository, process.env.ION_TESTBED_CACHE ?? ".cache/testbed");
}

/** Runs `go` and returns what it printed. @throws Error with what it said when it fails */
export async function runGo(
  argv: readonly string[],
  { cwd = source, onLine }: { cwd?: string; onLine?: Report } = {},
): Promise<string> {
  const child = spawn("go", argv, {
    cwd,
    env: { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOFLAGS: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // The compilers inherit it: a build of minutes leaves the machine usable.
  if (child.pid !== undefined) setPriority(child.pid, 10);
  const said: string[] = [];
  createInterface(child.stderr).on("line", (line) => {
    said.push(line);
    onLine?.(line);
  });
  const [stdout] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (child.exitCode === 0) return stdout;
  throw new Error(`go ${argv.join(" ")} ended with ${child.exitCode}:\n${said.slice(-20).join("\n")}`);
}

/** @returns why the testbed cannot be built here; undefined where it can */
export async function findObstacle(): Promise<string | undefined> {
  try {
    await runGo(["version"]);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") {
      return "Go is not on the PATH: it builds the API server (https://go.dev/dl/)";
    }
    throw thrown;
  }
}

/** Says how far a build is, in twentieths; Go does not name the packages that it has in its cache. */
function countPackages(name: string, total: number, report: Report): Report {
  let compiled = 0;
  let shown = 0;
  return (line) => {
    if (line.startsWith("go: ") || line.startsWith("#")) return;
    compiled += 1;
    const percent = Math.floor((compiled / total) * 20) * 5;
    if (percent === shown) return;
    shown = percent;
    report(`${name}: ${compiled} of at most ${total} packages compiled`);
  };
}

async function buildProgram(
  { name, importPath }: Program,
  file: string,
  version: string,
  report: Report,
): Promise<void> {
  const started = performance.now();
  report(`${name}: resolving`);
  const packages = await runGo(["list", "-deps", importPath]);
  const onLine = countPackages(name, packages.trim().split("\n").length, report);
  const unfinished = `${file}.${process.pid}`;
  try {
    const flags = [
      "-trimpath",
      "-buildvcs=false",
      `-ldflags=-s -w -X k8s.io/component-base/version.gitVersion=${version}`,
    ];
    await runGo(["build", "-v", ...flags, "-o", unfinished, importPath], { onLine });
    renameSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  report(`${name}: built in ${seconds} s, ${(statSync(file).size / 1e6).toFixed(0)} MB`);
}

/**
 * Builds what is not built yet, into a folder named for the version and the exact modules.
 *
 * @throws Error with the compiler's words where a build fails
 */
export async function buildTestbed(report: Report): Promise<Programs> {
  const goMod = readFileSync(join(source, "go.mod"), "utf8");
  const version = readVersion(goMod);
  const modules = createHash("sha256")
    .update(goMod)
    .update(readFileSync(join(source, "go.sum")))
    .digest("hex");
  const folder = join(cacheFolder(), `kubernetes-${version}-${modules.slice(0, 12)}`);
  mkdirSync(folder, { recursive: true });
  for (const program of programs) {
    const file = join(folder, program.name);
    if (existsSync(file)) continue;
    await buildProgram(program, file, version, report);
  }
  return { etcd: join(folder, "etcd"), apiServer: join(folder, "kube-apiserver"), version };
}

/** The folder of KEDA's custom resource definitions, from its Go module. */
export async function downloadKedaResources(): Promise<string> {
  // Outside our module, so that KEDA's own requirements don't move Kubernetes' versions.
  const answer: unknown = JSON.parse(
    await runGo(["mod", "download", "-json", `github.com/kedacore/keda/v2@${kedaVersion}`], { cwd: "/" }),
  );
  if (typeof answer === "object" && answer !== null && "Dir" in answer && typeof answer.Dir === "string") {
    return join(answer.Dir, "config/crd/bases");
  }
  throw new Error(`go mod download gave no folder for KEDA ${kedaVersion}: ${JSON.stringify(answer)}`);
}

async function main(): Promise<void> {
  const obstacle = await findObstacle();
  if (obstacle !== undefined) {
    console.log(`Kubernetes is not built: ${obstacle}`);
    // On CI the tests fail for it as well.
    if (process.env.CI === "true") process.exitCode = 1;
    return;
  }
  const started = performance.now();
  const { version } = await buildTestbed(console.log);
  console.log(`Kubernetes ${version} is built (${((performance.now() - started) / 1_000).toFixed(1)} s)`);
}

if (import.meta.main) await main();
