import { existsSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import type { Failure } from "../../contract/documents.ts";
import { IonError } from "../../contract/errors.ts";
import { findSystemErrorCode } from "../../contract/file-error.ts";
import type { ModuleSpec } from "../../contract/module.ts";
import type { ProgramEnd } from "./program.ts";
import { findProgress } from "./progress-lines.ts";

const maxLineLength = 300;

/** What stands behind the error itself when Node dies of one: stack, properties, version. */
const epilogue = [/^\s+at /, /^\s*[{}[\]]*$/, /^Node\.js v\d/, /^ {2}\S+: .*,?$/];

/** The last line of a log that says something, shortened. */
export function findLastLine(log: string): string | undefined {
  const lines = stripVTControlCharacters(log)
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== "" && findProgress(line) === undefined);
  const last = lines.findLast((line) => !epilogue.some((each) => each.test(line))) ?? lines.at(-1);
  return last?.trim().slice(0, maxLineLength);
}

/** EX_USAGE to EX_CONFIG. https://man.openbsd.org/sysexits.3 */
const isSysexit = (code: number): boolean => code >= 64 && code <= 78;

/** What is missing on the machine, and another attempt would miss too. */
const lastingCodes = ["ENOENT", "EACCES", "ENOTDIR", "ENOEXEC", "E2BIG", "ERR_INVALID_ARG_VALUE"];

function explainStart(module: ModuleSpec, folder: string, cause: unknown): string {
  const [name] = module.command;
  const code = findSystemErrorCode(cause);
  if (!existsSync(folder)) return `cannot start '${name}': its folder '${folder}' is not there`;
  if (code === "ENOENT") {
    return `cannot start '${name}': there is no such program; install it or correct the command of module '${module.name}'`;
  }
  if (code === "EACCES") return `cannot start '${name}': it is not executable by this user`;
  return `cannot start '${name}': ${IonError.from(cause).message}`;
}

/**
 * Says what the end of a module's program means.
 *
 * @param folder where the program was to start
 * @param log the end of what it printed
 * @returns undefined when it succeeded
 */
export function findFailure(
  module: ModuleSpec,
  folder: string,
  end: ProgramEnd,
  log: string,
): Failure | undefined {
  const line = findLastLine(log);
  const because = line === undefined ? ", and it printed nothing" : `: ${line}`;
  switch (end.kind) {
    case "exit": {
      const { code: exitCode } = end;
      if (exitCode === 0) return undefined;
      const permanent = isSysexit(exitCode) || module.retry.permanentExitCodes.includes(exitCode);
      return { code: "exit-code", message: `exit ${exitCode}${because}`, permanent, exitCode };
    }
    case "signal":
      return { code: "signal", message: `ended by ${end.signal}${because}`, permanent: false };
    case "timeout": {
      const allowed = `${module.timeoutMilliseconds / 1000} s`;
      return {
        code: "timeout",
        message: `ran longer than ${allowed} and was ended${because}`,
        permanent: false,
      };
    }
    case "not-started": {
      const permanent = lastingCodes.includes(findSystemErrorCode(end.cause) ?? "");
      return { code: "start-failed", message: explainStart(module, folder, end.cause), permanent };
    }
  }
}
