import { IonError } from "../../contract/errors.ts";
import type { Attempt } from "../../ports/executor.ts";

/** What a program of a module may know of the machine's environment. */
export interface MachineEnvironment {
  readonly PATH?: string | undefined;
  readonly HOME?: string | undefined;
  readonly TMPDIR?: string | undefined;
}

/** Finds a secret's value by the store's name for it. */
export type FindSecret = (name: string) => string | undefined;

function readSecrets({ module }: Attempt, findSecret: FindSecret): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [variable, { name }] of Object.entries(module.secrets)) {
    const value = findSecret(name);
    if (value === undefined) {
      throw new IonError(
        "not-found",
        `cannot start module '${module.name}': its secret '${name}' is not there; set it where Ion runs`,
      );
    }
    values[variable] = value;
  }
  return values;
}

/**
 * All that a module's program finds in its environment; nothing of the runtime's own comes along.
 *
 * @param workspace absolute
 * @throws IonError `not-found` naming a secret that is missing
 */
export function moduleEnvironment(
  attempt: Attempt,
  workspace: string,
  machine: MachineEnvironment,
  findSecret: FindSecret,
): Record<string, string> {
  const { PATH, HOME, TMPDIR } = machine;
  return {
    ...attempt.module.config,
    ...readSecrets(attempt, findSecret),
    ...(PATH !== undefined && { PATH }),
    ...(HOME !== undefined && { HOME }),
    ...(TMPDIR !== undefined && { TMPDIR }),
    ION_DIR: workspace,
    HANDLER_BASE_DIR: workspace,
    ION_EXECUTION_ID: attempt.executionId,
    ION_ATTEMPT: String(attempt.attempt),
    ION_MODULE: attempt.module.name,
    ION_CORRELATION_ID: attempt.event.correlationid,
    ION_EVENT_ID: attempt.event.id,
  };
}
