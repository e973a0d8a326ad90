import { relative } from "node:path";
import type { Problem } from "../contract/problem.ts";
import type { CliContext } from "./context.ts";
import { exitCodes, ReportedFailure } from "./failures.ts";
import { countOf } from "./format.ts";
import { printJson } from "./print.ts";
import { toPrintable } from "./text.ts";

/** A path as a person in this folder would write it. */
const shorten = (path: string): string => relative("", path);

function describe({ at, module, field, message }: Problem): string {
  const where = [module, field].filter((part) => part !== undefined && part !== "").join(".");
  return toPrintable(`${at === undefined ? "" : `${shorten(at)}: `}${where}: ${message}`);
}

/**
 * Prints broken rules, a line each on the standard error, or as JSON on the standard output.
 *
 * @param consequence said after their count, e.g. `nothing was written`
 * @returns what to throw: exit code 2
 */
export function reportProblems(
  context: CliContext,
  problems: readonly Problem[],
  { json = false, consequence }: { readonly json?: boolean | undefined; readonly consequence?: string } = {},
): ReportedFailure {
  if (json) {
    const located = problems.map(({ at, ...problem }) => ({
      ...(at !== undefined && { at: shorten(at) }),
      ...problem,
    }));
    printJson(context, { problems: located });
  } else {
    for (const problem of problems) context.io.stderr.write(`${describe(problem)}\n`);
    const count = `${countOf(problems.length, "rule")} ${problems.length === 1 ? "is" : "are"} broken`;
    context.io.stderr.write(`ion: ${count}${consequence === undefined ? "" : `; ${consequence}`}\n`);
  }
  return new ReportedFailure(exitCodes.badInput);
}
