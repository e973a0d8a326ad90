import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureDurableBus } from "./bus.ts";
import { measureLargeFile } from "./large-file.ts";
import { measureLatency } from "./latency.ts";
import { type Figure, format, median, meetsTarget } from "./measure.ts";
import { measureStart } from "./start.ts";
import { measureSynth } from "./synth.ts";
import { measureThroughput } from "./throughput.ts";

const sections: Record<string, (rounds: number) => Promise<Figure[]>> = {
  throughput: measureThroughput,
  latency: measureLatency,
  bus: measureDurableBus,
  "large-file": measureLargeFile,
  start: measureStart,
  synth: measureSynth,
};

const help = `Usage: npm run bench -- [section...] [options]

Sections: ${Object.keys(sections).join(", ")} (default: all)

  --rounds <n>  rounds of each measurement; the median counts (default: 5)
  --json        print JSON only
  --write       put the table into docs/benchmarks.md
  --help
`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const describeTarget = ({ target }: Figure): string =>
  target === undefined ? "" : `${target.kind} ${target.value}`;

function toRow(figure: Figure): string {
  const { name, values, unit, note = "" } = figure;
  const spread = `${format(Math.min(...values))} – ${format(Math.max(...values))}`;
  const verdict = figure.target === undefined ? "" : meetsTarget(figure) ? "yes" : "no";
  return `| ${name} | ${format(median(values))} ${unit} | ${spread} | ${describeTarget(figure)} | ${verdict} | ${note} |`;
}

function toTable(figures: readonly Figure[]): string {
  const head = "| what | median | least – most | target | met | behind it |\n|---|---|---|---|---|---|";
  return [head, ...figures.map(toRow)].join("\n");
}

function describeMachine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${memory} GiB, ${process.platform} ${release()}, Node ${process.version}`;
}

function writeDocument(figures: readonly Figure[], rounds: number): void {
  const file = fileURLToPath(new URL("../../docs/benchmarks.md", import.meta.url));
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(
    file,
    `# Benchmarks

Made by \`npm run bench -- --write\` on ${day}: ${describeMachine()}; ${rounds} rounds each, measured
in turn with their baseline. Ratios travel between machines better than absolute numbers do.

${toTable(figures)}
`,
  );
}

async function run(): Promise<number> {
  if (options.help) {
    console.log(help);
    return 0;
  }
  const rounds = Number(options.rounds);
  const unknown = positionals.find((name) => !(name in sections));
  if (unknown !== undefined || !Number.isInteger(rounds) || rounds < 1) {
    console.error(
      unknown === undefined
        ? `--rounds must be a whole number of at least 1: it is '${options.rounds}'`
        : `there is no section '${unknown}'`,
    );
    console.error(help);
    return 2;
  }
  const wanted = positionals.length === 0 ? Object.keys(sections) : positionals;
  const figures: Figure[] = [];
  for (const name of wanted) {
    if (!options.json) console.error(`measuring ${name} …`);
    figures.push(...((await sections[name]?.(rounds)) ?? []));
  }
  const output = figures.map((figure) => ({
    ...figure,
    median: median(figure.values),
    met: meetsTarget(figure),
  }));
  console.log(options.json ? JSON.stringify(output, null, 2) : toTable(figures));
  if (options.write) writeDocument(figures, rounds);
  return 0;
}

process.exitCode = await run();
