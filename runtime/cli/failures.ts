import { hasCode, IonError } from "../contract/errors.ts";

/** What `ion` exits with. */
export const exitCodes = { ok: 0, failed: 1, badInput: 2, interrupted: 130 } as const;

/** A failure of which everything has been said; only the exit code is left to give. */
export class ReportedFailure extends Error {
  readonly exitCode: number;

  constructor(exitCode: number = exitCodes.failed) {
    super("the failure has been reported");
    this.name = "ReportedFailure";
    this.exitCode = exitCode;
  }
}

/**
 * Makes the error for input that breaks a rule.
 *
 * @param what what could not be done, e.g. `submit 'x'`
 * @param rule the broken rule and the value
 * @param next what to do about it
 */
export function badInput(what: string, rule: string, next?: string): IonError {
  return new IonError("invalid", `cannot ${what}: ${rule}${next === undefined ? "" : `; ${next}`}`);
}

/** The exit code for a thrown value: 2 when the same command would always fail, else 1. */
export function toExitCode(thrown: unknown): number {
  if (hasCode(thrown, "invalid", "limit", "not-found", "conflict", "terminal")) return exitCodes.badInput;
  return exitCodes.failed;
}
