import type { Command } from "commander";
import { parseModuleName } from "./arguments.ts";
import type { CliContext } from "./context.ts";
import type { ModuleTestFlags } from "./run-module-test.ts";

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** `ion module test`: a module's program without a platform. */
export function addModuleTest(program: Command, context: CliContext): void {
  program
    .command("module")
    .description("try out modules")
    .command("test")
    .description("run a module's program on one event, without a platform, and show what it would commit")
    .argument("<name>", "the module", parseModuleName)
    .requiredOption(
      "--event <type|file.json>",
      "an event type that the module handles, or a file that holds a whole event",
    )
    .option("--data <json|@file|->", "the data of an event given by its type")
    .option("--file <path>", "a file that goes with the event; may be repeated", collect)
    .option("--pipeline <file>", "the file whose default export is the pipeline", "modules/index.ts")
    .option("--keep", "keep the workspace, and print where it is")
    .option("--json", "print JSON only")
    .addHelpText("after", `\nExample:\n  $ ion module test transcoder --event video_uploaded --file film.mov`)
    .action(async (name: string, flags: ModuleTestFlags) => {
      const { runModuleTest } = await import("./run-module-test.ts");
      await runModuleTest(name, flags, context);
    });
}
