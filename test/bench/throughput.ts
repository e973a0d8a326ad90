import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
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
  { name: "a no-op Node program", command: ["node", "-e", "0"], events: 200, atLeast: 0.9 },
  { name: "/bin/true", command: ["/bin/true"], events: 1_000, atLeast: 0.4 },
];

const bareSpawns = fileURLToPath(new URL("./bare-spawns.ts", import.meta.url));

/** @returns spawns per second, by a process that does nothing else */
async function measureBare({ command, events }: Subject): Promise<number> {
  const values = [bareSpawns, String(events), String(concurrency), ...command];
  const { stdout } = await promisify(execFile)(process.execPath, values);
  return Number(stdout);
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
    // The first events load and compile what all others use.
    await measureIon();
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
