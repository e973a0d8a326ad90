import type { Command } from "commander";
import type { CliContext, GlobalOptions } from "./context.ts";
import type { SynthFlags } from "./run-synth.ts";

/** `ion synth`: the declarations as manifests. */
export function addSynth(program: Command, context: CliContext): void {
  program
    .command("synth")
    .description("write the manifests of a stack: a YAML file a module and the platform's")
    .option("--stack <name>", "the stack: <pipeline's folder>/stacks/<name>.ts", "dev")
    .option("--pipeline <file>", "the file whose default export is the pipeline", "modules/index.ts")
    .option("--out <folder>", "where the manifests go", "manifests")
    .option("--dry-run", "write nothing, only say what would change")
    .option("--diff", "as --dry-run, and show the changed lines")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  $ ion synth --stack prod --diff")
    .action(async (_flags: unknown, command: Command) => {
      const { runSynth } = await import("./run-synth.ts");
      await runSynth(command.optsWithGlobals<SynthFlags & GlobalOptions>(), context);
    });
}
