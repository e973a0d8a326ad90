import { Command } from "commander";
import { addCheck } from "./check.ts";
import type { CliContext } from "./context.ts";
import { addDlq } from "./dlq.ts";
import { addFlows } from "./flows.ts";
import { addGraph } from "./graph.ts";
import { addLocal } from "./local.ts";
import { addLogs } from "./logs.ts";
import { addModuleTest } from "./module-test.ts";
import { addModules } from "./modules.ts";
import { addSubmit } from "./submit.ts";
import { addSynth } from "./synth.ts";
import { addTrace } from "./trace.ts";

const footer = `
Exit codes:
  0    done
  1    something failed: an execution, the connection, a permission
  2    bad usage or input: the same command will fail again
  130  interrupted

Example:
  $ ion local
  $ ion submit https://example.org/film.mov --follow`;

function addVersion(program: Command, { io, version }: CliContext): void {
  program
    .command("version")
    .description("print the version")
    .addHelpText("after", "\nExample:\n  $ ion version")
    .action(() => {
      io.stdout.write(`${version}\n`);
    });
}

/** Makes the program; its commands load what they need when they run. */
export function makeProgram(context: CliContext): Command {
  const { io, endpoint, version } = context;
  const program = new Command("ion")
    .description("Event-driven data processing: modules read and write their disk, Ion does the rest.")
    .version(version)
    .option("--endpoint <url>", `the gateway to talk to (default: ${endpoint})`)
    .option("--token-file <file>", "a file that holds the bearer token to show to the gateway")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      // runCli() says it in one line.
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(io.columns, 110),
      getErrHelpWidth: () => Math.min(io.columns, 110),
      getOutHasColors: () => io.colour,
      getErrHasColors: () => io.colour,
    })
    .exitOverride()
    .addHelpText("after", footer);
  addLocal(program, context);
  addSubmit(program, context);
  addTrace(program, context);
  addFlows(program, context);
  addModules(program, context);
  addLogs(program, context);
  addDlq(program, context);
  addModuleTest(program, context);
  addCheck(program, context);
  addGraph(program, context);
  addSynth(program, context);
  addVersion(program, context);
  return program;
}
