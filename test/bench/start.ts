import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Figure, format, median } from "./measure.ts";

const program = fileURLToPath(new URL("../../runtime/main/ion.ts", import.meta.url));
const project = fileURLToPath(new URL("../..", import.meta.url));
const idleSeconds = 5;

/** Clock ticks a second in `/proc/<pid>/stat`. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const ticksPerSecond = 100;

function readCpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

async function startOnce(
  measureIdle: boolean,
): Promise<{ readySeconds: number; idleShare: number | undefined }> {
  const folder = mkdtempSync(join(tmpdir(), "ion-bench-start-"));
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", program, "local", "--data", folder, "--port", "0"],
    { cwd: project, stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.once("line", () => resolve());
    child.once("exit", (code) => reject(new Error(`ion local ended with ${code} before it was ready`)));
  });
  const readySeconds = (performance.now() - started) / 1000;
  let idleShare: number | undefined;
  if (measureIdle && process.platform === "linux" && child.pid !== undefined) {
    await delay(1_000);
    const before = readCpuSeconds(child.pid);
    await delay(idleSeconds * 1_000);
    idleShare = ((readCpuSeconds(child.pid) - before) / idleSeconds) * 100;
  }
  child.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true, force: true });
  return { readySeconds, idleShare };
}

/** From the start of the `ion local` process with the sample pipeline to its first line, and what it costs to do nothing. */
export async function measureStart(rounds: number): Promise<Figure[]> {
  const ready: number[] = [];
  const idle: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { readySeconds, idleShare } = await startOnce(round === rounds - 1);
    ready.push(readySeconds);
    if (idleShare !== undefined) idle.push(idleShare);
  }
  const start: Figure = {
    name: "start of `ion local` to ready",
    values: ready,
    unit: "s",
    target: { kind: "at most", value: 1 },
  };
  if (idle.length === 0) return [start];
  const note = `processor time over ${idleSeconds} s; ${format(median(idle))} % of one core`;
  return [
    start,
    {
      name: "idle processor use",
      values: idle,
      unit: "% of a core",
      target: { kind: "at most", value: 1 },
      note,
    },
  ];
}
