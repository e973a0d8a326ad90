import { writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { fileError } from "../contract/file-error.ts";
import { type EventGraph, makeGraph } from "../contract/graph.ts";
import type { CliContext, GlobalOptions } from "./context.ts";
import { printLines } from "./print.ts";
import { reportProblems } from "./report-problems.ts";

const formats = ["mermaid", "dot", "svg"] as const;

interface GraphFlags extends GlobalOptions {
  readonly format: (typeof formats)[number];
  readonly pipeline: string;
  readonly out?: string;
}

async function render(graph: EventGraph, format: GraphFlags["format"]): Promise<string> {
  switch (format) {
    case "mermaid":
      return (await import("./graph-mermaid.ts")).renderMermaid(graph);
    case "dot":
      return (await import("./graph-dot.ts")).renderDot(graph);
    case "svg":
      return (await import("./graph-svg.ts")).renderSvg(graph);
  }
}

async function printGraph({ format, pipeline, out }: GraphFlags, context: CliContext): Promise<void> {
  const checked = await context.declarations.check({ pipelineFile: pipeline });
  // Other broken rules don't keep a graph from being looked at.
  if (checked.pipeline === undefined) throw reportProblems(context, checked.problems);
  const text = await render(makeGraph(checked.pipeline), format);
  if (out === undefined) {
    context.io.stdout.write(text);
    return;
  }
  await writeFile(out, text).catch((thrown: unknown) => {
    throw fileError(`write the graph to '${out}'`, thrown);
  });
  printLines(context, [out]);
}

/** `ion graph`: the event graph as text or as a picture. */
export function addGraph(program: Command, context: CliContext): void {
  program
    .command("graph")
    .description("draw the event graph; modules that nothing reaches and events that nobody takes are marked")
    .addOption(new Option("--format <format>", "what to draw it as").choices(formats).default("mermaid"))
    .option("--out <file>", "write it there instead of printing it")
    .option("--pipeline <file>", "the file whose default export is the pipeline", "modules/index.ts")
    .addHelpText("after", "\nExample:\n  $ ion graph --format svg --out graph.svg")
    .action(async (_flags: unknown, command: Command) => {
      await printGraph(command.optsWithGlobals<GraphFlags>(), context);
    });
}
