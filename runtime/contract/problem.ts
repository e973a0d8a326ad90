import { IonError } from "./errors.ts";

/** One broken rule, for people and for programs. */
export interface Problem {
  /** Absent where the rule is about an event type, the pipeline or the stack. */
  readonly module?: string;
  /** As it is written in the declaration, e.g. `retry.attempts`. */
  readonly field: string;
  readonly value: string;
  /** The rule, with the module and the value in it. */
  readonly message: string;
  /** `<file>:<line>:<column>` of the declaration, where it is known. */
  readonly at?: string;
}

/** Declarations break rules; each is told by itself. */
export class DeclarationError extends IonError {
  readonly problems: readonly Problem[];

  /** @param message for who shows one text @default the problems' messages, a line each */
  constructor(problems: readonly Problem[], message = problems.map((each) => each.message).join("\n")) {
    super("invalid", message);
    this.problems = problems;
  }
}

/**
 * Makes the error for a module's field that breaks a rule.
 *
 * @param rule follows the module and the field, e.g. `must be at least 1: current value is 0`
 */
export function brokenField(module: string, field: string, value: string, rule: string): DeclarationError {
  return new DeclarationError([{ module, field, value, message: `module '${module}': ${field} ${rule}` }]);
}
