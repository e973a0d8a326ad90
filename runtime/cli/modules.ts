import type { Command } from "commander";
import type { ModuleAnswer } from "../management/api.ts";
import { connect } from "./connect.ts";
import type { CliContext, GlobalOptions } from "./context.ts";
import { formatCount } from "./format.ts";
import { printJson, printLines } from "./print.ts";
import { renderTable } from "./table.ts";
import { clip, makePaint, toPrintable } from "./text.ts";

interface ModulesFlags extends GlobalOptions {
  readonly json?: boolean;
}

function toRow({ name, status, version, queues, on, emits, message }: ModuleAnswer): string[] {
  const sum = (state: "waiting" | "locked" | "scheduled" | "dead") =>
    formatCount(queues.reduce((total, { depth }) => total + depth[state], 0));
  const types = [...new Set(on.map(({ type }) => type))].join(", ");
  return [
    toPrintable(name),
    status,
    clip(toPrintable(version ?? ""), 12),
    sum("waiting"),
    sum("locked"),
    sum("scheduled"),
    sum("dead"),
    toPrintable(
      `${types}${emits.length > 0 ? ` -> ${emits.join(", ")}` : ""}${message === "" ? "" : `  ${message}`}`,
    ),
  ];
}

const head = ["module", "status", "version", "waiting", "running", "later", "dead", "events"];

async function listModules(flags: ModulesFlags, context: CliContext): Promise<void> {
  const client = await connect(flags, context);
  const answer = await client.listModules();
  if (flags.json === true) {
    printJson(context, answer);
    return;
  }
  const { columns, colour } = context.io;
  printLines(context, renderTable(head, answer.modules.map(toRow), columns, makePaint(colour)));
}

/** `ion modules`: the modules and what waits for them. */
export function addModules(program: Command, context: CliContext): void {
  program
    .command("modules")
    .description("list modules and what waits for them")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  $ ion modules")
    .action(async (_flags: unknown, command: Command) => {
      await listModules(command.optsWithGlobals<ModulesFlags>(), context);
    });
}
