import type { Command } from "commander";
import type { CliContext, GlobalOptions } from "./context.ts";
import { countOf } from "./format.ts";
import { printJson, printLines } from "./print.ts";
import { reportProblems } from "./report-problems.ts";

interface CheckFlags extends GlobalOptions {
  readonly pipeline: string;
  readonly stack?: string;
  readonly json?: boolean;
}

async function checkDeclarations(flags: CheckFlags, context: CliContext): Promise<void> {
  const { stack, json } = flags;
  const { problems, pipeline } = await context.declarations.check({
    pipelineFile: flags.pipeline,
    ...(stack !== undefined && { stack }),
  });
  if (problems.length > 0) throw reportProblems(context, problems, { json });
  if (json === true) {
    printJson(context, { problems });
    return;
  }
  const { name = "", modules = [], events = {} } = pipeline ?? {};
  const types = countOf(Object.keys(events).length, "event type");
  const where = stack === undefined ? "" : ` on stack '${stack}'`;
  printLines(context, [
    `pipeline '${name}' keeps every rule${where}: ${countOf(modules.length, "module")}, ${types}`,
  ]);
}

/** `ion check`: all checks on the declarations. */
export function addCheck(program: Command, context: CliContext): void {
  program
    .command("check")
    .description("check the declarations: graph, names, limits, images, resources, secrets")
    .option("--pipeline <file>", "the file whose default export is the pipeline", "modules/index.ts")
    .option("--stack <name>", "check for this stack too, and what would be written for it")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  $ ion check --stack prod")
    .action(async (_flags: unknown, command: Command) => {
      await checkDeclarations(command.optsWithGlobals<CheckFlags>(), context);
    });
}
