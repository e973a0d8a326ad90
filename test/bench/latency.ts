import { spawn } from "node:child_process";
import { once } from "node:events";
import { defineModule, event, pipeline } from "ion";
import { z } from "zod";
import { documentId } from "../../runtime/contract/documents.ts";
import { derivedIds } from "../../runtime/contract/ids.ts";
import { type Figure, format, median } from "./measure.ts";
import { type BenchPlatform, startBenchPlatform } from "./platform.ts";

const repeats = 40;

/** The program's first instruction: it says what time it is. */
const print = "console.log(performance.timeOrigin + performance.now())";
const report = `require("fs").writeFileSync(process.env.ION_DIR+"/out/insights.json",JSON.stringify({at:performance.timeOrigin+performance.now()}))`;

const now = () => performance.timeOrigin + performance.now();

/** From the call of spawn to the program's first instruction, in milliseconds. */
async function measureBareOnce(): Promise<number> {
  const start = now();
  const child = spawn(process.execPath, ["-e", print], { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(child, "close");
  return Number(text) - start;
}

/** From the accepted event to the program's first instruction, in milliseconds. */
async function measureIonOnce(
  { accept, whenSucceeded, platform }: BenchPlatform,
  n: number,
): Promise<number> {
  const succeeded = whenSucceeded(1);
  const accepted = accept({ n });
  const flow = await accepted;
  const start = now();
  await succeeded;
  const id = documentId.insight(derivedIds.execution("clock", flow));
  const insight = await platform.context.documents.find("insight", flow, id);
  return Number(insight?.document.insight.at) - start;
}

/** How soon after an event is accepted its module runs, against spawning the program by hand. */
export async function measureLatency(rounds: number): Promise<Figure[]> {
  const root = event("root", z.object({ n: z.int() }));
  const clock = defineModule({ name: "clock", on: root, command: ["node", "-e", report] });
  const bench = await startBenchPlatform(pipeline("bench", [clock], { sources: [root] }), 2);
  const ratios: number[] = [];
  const all = { bare: [] as number[], ion: [] as number[] };
  try {
    for (let round = 0; round < rounds; round += 1) {
      const bare: number[] = [];
      const ion: number[] = [];
      for (let n = 0; n < repeats; n += 1) {
        bare.push(await measureBareOnce());
        ion.push(await measureIonOnce(bench, n));
      }
      ratios.push(median(ion) / median(bare));
      all.bare.push(...bare);
      all.ion.push(...ion);
    }
  } finally {
    await bench.stop();
  }
  return [
    {
      name: "event accepted → a Node module's first instruction, p50",
      values: ratios,
      unit: "× bare spawn",
      target: { kind: "at most", value: 1.5 },
      note: `${format(median(all.ion))} ms against ${format(median(all.bare))} ms; what overlaps the answer to the sender is not counted`,
    },
  ];
}
