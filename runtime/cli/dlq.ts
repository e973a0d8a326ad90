import type { Command } from "commander";
import { idOf, parseEventType, parseModuleName, wholeNumber } from "./arguments.ts";
import type { CliContext } from "./context.ts";
import type { ListFlags } from "./dlq-list.ts";
import type { ReplayFlags } from "./dlq-replay.ts";
import type { ShowFlags } from "./dlq-show.ts";

function addList(dlq: Command, context: CliContext): void {
  dlq
    .command("list")
    .description("list dead letters, oldest first")
    .option("--module <name>", "only those of this module", parseModuleName)
    .option("--type <event type>", "only events of this type", parseEventType)
    .option("--code <reason>", "only those with this reason, e.g. exit-code")
    .option("--size <n>", "at most this many", wholeNumber("--size", 1, 1_000), 20)
    .option("--after <place>", "go on where a longer list was cut")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  $ ion dlq list --module transcoder")
    .action(async (_flags: unknown, command: Command) => {
      const { listDeadLetters } = await import("./dlq-list.ts");
      await listDeadLetters(command.optsWithGlobals<ListFlags>(), context);
    });
}

function addShow(dlq: Command, context: CliContext): void {
  dlq
    .command("show")
    .description("show why an event is a dead letter, its log, and how to replay it")
    .argument("<event id>", "the event", idOf("event"))
    .option("--module <name>", "the module, where several have set the event aside", parseModuleName)
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  $ ion dlq show 9a21c3d4-0f1e-8a2b-9c3d-4e5f6a7b8c9d")
    .action(async (eventId: string, _flags: unknown, command: Command) => {
      const { showDeadLetter } = await import("./dlq-show.ts");
      await showDeadLetter(eventId, command.optsWithGlobals<ShowFlags>(), context);
    });
}

function addReplay(dlq: Command, context: CliContext): void {
  dlq
    .command("replay")
    .description("let modules handle dead letters again")
    .argument("[event id]", "one event", idOf("event"))
    .option("--module <name>", "all of this module", parseModuleName)
    .option("--type <event type>", "only events of this type", parseEventType)
    .option("--code <reason>", "only those with this reason")
    .option("--all", "every dead letter there is")
    .option("--yes", "don't ask")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      "\nExamples:\n  $ ion dlq replay --module transcoder --code timeout --yes\n  $ ion dlq replay --all",
    )
    .action(async (eventId: string | undefined, _flags: unknown, command: Command) => {
      const { replayDeadLetters } = await import("./dlq-replay.ts");
      await replayDeadLetters(eventId, command.optsWithGlobals<ReplayFlags>(), context);
    });
}

/** `ion dlq`: events that were set aside. */
export function addDlq(program: Command, context: CliContext): void {
  const dlq = program
    .command("dlq")
    .description("list, read and replay dead letters: events that were set aside");
  addList(dlq, context);
  addShow(dlq, context);
  addReplay(dlq, context);
}
