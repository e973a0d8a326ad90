import { spawn } from "node:child_process";
import { defineModule, event, pipeline } from "ion";
import { z } from "zod";
import { type Figure, format, inTurn, median } from "./measure.ts";
import { startBenchPlatform } from "./platform.ts";

const concurrency = 4;

interface Subject {
  readonly name: string;
  readonly command: [string, ...string[]];
  readonly events: number;
  /** Ratio to bare spawns. */
  readonly atLeast: number;
}

const subjects: readonly Subject[] = [
  { name: "a no-op Node program", command: ["node", "-e", "0"], events: 100, atLeast: 0.9 },
  { name: "/bin/true", command: ["/bin/true"], events: 1_000, atLeast: 0.4 },
];

function runBare([name, ...values]: Subject["command"]): Promise<void> {
  const child = spawn(name === "node" ? process.execPath : name, values, { stdio: "ignore" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
}

/** @returns spawns per second */
async function measureBare({ command, events }: Subject): Promise<number> {
  let left = events;
  const start = performance.now();
  async function work(): Promise<void> {
    while (left > 0) {
      left -= 1;
      await runBare(command);
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work));
  return events / ((performance.now() - start) / 1000);
}

async function measureSubject(subject: Subject, rounds: number): Promise<Figure> {
  const root = event("root", z.object({ n: z.int() }));
  const noop = defineModule({ name: "noop", on: root, command: subject.command });
  const bench = await startBenchPlatform(pipeline("bench", [noop], { sources: [root] }), concurrency);
  const measureIon = async () => {
    const succeeded = bench.whenSucceeded(subject.events);
    const start = performance.now();
    await Promise.all(Array.from({ length: subject.events }, (_, n) => bench.accept({ n })));
    await succeeded;
    return subject.events / ((performance.now() - start) / 1000);
  };
  try {
    const { ours, baseline, ratios } = await inTurn(rounds, measureIon, () => measureBare(subject));
    return {
      name: `events through the whole path, ${subject.name}`,
      values: ratios,
      unit: "× bare spawns",
      target: { kind: "at least", value: subject.atLeast },
      note: `${format(median(ours))} events/s against ${format(median(baseline))} spawns/s, ${concurrency} at once`,
    };
  } finally {
    await bench.stop();
  }
}

/** Accepted, stored, dispatched, run, committed, completed: against spawning the same program and nothing else. */
export async function measureThroughput(rounds: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const subject of subjects) figures.push(await measureSubject(subject, rounds));
  return figures;
}
