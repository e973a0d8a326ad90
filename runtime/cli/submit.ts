import { access, constants, stat } from "node:fs/promises";
import { basename, isAbsolute, normalize, sep } from "node:path";
import type { Command } from "commander";
import { describeFileError, isWebAddress, parseEventType, parseWebAddress } from "./arguments.ts";
import { connect, readConnection } from "./connect.ts";
import type { CliContext, GlobalOptions } from "./context.ts";
import { badInput } from "./failures.ts";
import type { UploadFile } from "./multipart.ts";
import { printJson, printLines } from "./print.ts";
import type { NewEvent, RaisedEvent } from "./raise-event.ts";

interface SubmitFlags extends GlobalOptions {
  readonly data?: string;
  readonly file?: readonly string[];
  readonly key?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** A relative path is kept, so that `a/x` and `b/x` stay two files; of others the last name is. */
export function toUploadPath(path: string): string {
  const clean = normalize(path);
  const leaves = isAbsolute(clean) || clean.split(sep)[0] === "..";
  return leaves ? basename(clean) : clean.split(sep).join("/");
}

async function checkFile(path: string): Promise<UploadFile> {
  const refuse = (rule: string) => badInput(`send the file '${path}'`, rule);
  const stats = await stat(path).catch((cause: unknown) => {
    throw refuse(describeFileError(cause));
  });
  if (!stats.isFile())
    throw refuse(stats.isDirectory() ? "it is a folder; name its files" : "it is no regular file");
  await access(path, constants.R_OK).catch((cause: unknown) => {
    throw refuse(describeFileError(cause));
  });
  return { path: toUploadPath(path), source: path };
}

/** Checks all files before anything is sent. */
async function checkFiles(paths: readonly string[]): Promise<UploadFile[]> {
  const files = await Promise.all(paths.map(checkFile));
  const twice = files.find(({ path }, index) => files.findIndex((other) => other.path === path) !== index);
  if (twice === undefined) return files;
  throw badInput(
    "send these files",
    `two would be named '${twice.path}'`,
    "go to the folder that holds both and name them by relative paths",
  );
}

function parseKey(key: string): string {
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw badInput("use --key", "it must have 1 to 255 printable ASCII characters");
}

function readLink(address: string, { data, file }: SubmitFlags): NewEvent {
  if (data === undefined && file === undefined) return { url: parseWebAddress("the address")(address) };
  throw badInput(
    "submit the address",
    "it takes no --data and no --file",
    "give an event type instead, e.g. frontapi.new_link",
  );
}

/** Reads and checks all of an event before anything is sent. */
async function readEvent(target: string, flags: SubmitFlags, { io, signal }: CliContext): Promise<NewEvent> {
  if (isWebAddress(target)) return readLink(target, flags);
  const type = parseEventType(target);
  const { readData } = await import("./read-data.ts");
  const data = flags.data === undefined ? {} : await readData(flags.data, io.stdin, signal);
  return { type, data, files: await checkFiles(flags.file ?? []) };
}

async function raise(target: string, flags: SubmitFlags, context: CliContext): Promise<RaisedEvent> {
  const connection = await readConnection(flags, context);
  const { raiseEvent } = await import("./raise-event.ts");
  return await raiseEvent(await readEvent(target, flags, context), flags.key, connection);
}

async function submit(target: string, flags: SubmitFlags, context: CliContext): Promise<void> {
  const answer = await raise(target, flags, context);
  const { correlationId } = answer;
  if (flags.follow !== true) {
    if (flags.json === true) printJson(context, answer);
    else printLines(context, [`flow ${correlationId} · follow it with: ion trace ${correlationId} --follow`]);
    return;
  }
  if (flags.json !== true) printLines(context, [`flow ${correlationId}`]);
  const { followTrace } = await import("./follow-trace.ts");
  await followTrace(await connect(flags, context), correlationId, { json: flags.json === true }, context);
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** `ion submit`: raises an event. */
export function addSubmit(program: Command, context: CliContext): void {
  program
    .command("submit")
    .description("raise an event and with it a flow")
    .argument(
      "<type|url>",
      "an event type that the pipeline takes; an http(s) address raises frontapi.new_link",
    )
    .option(
      "--data <json|@file|->",
      "the event's data: JSON, a file that holds it, or - for the standard input",
    )
    .option("--file <path>", "a file that goes with the event, streamed from disk; may be repeated", collect)
    .option("--key <key>", "idempotency key: the same key twice is one event", parseKey)
    .option("--follow", "stay until the flow has ended; 1 when anything failed")
    .option("--json", "print JSON only; a line for each change with --follow")
    .addHelpText(
      "after",
      `
Examples:
  $ ion submit https://example.org/film.mov --follow
  $ ion submit video_uploaded --file film.mov`,
    )
    .action(async (target: string, _flags: unknown, command: Command) => {
      await submit(target, command.optsWithGlobals<SubmitFlags>(), context);
    });
}
