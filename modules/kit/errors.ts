/** EX_DATAERR: the input is wrong. 64-78 are never retried. https://man.openbsd.org/sysexits.3 */
const inputExitCode = 65;

/** EX_CONFIG: a setting is wrong. */
export const configExitCode = 78;

export interface PermanentErrorOptions {
  /** 64 to 78. @default 65 */
  readonly exitCode?: number;
  readonly cause?: unknown;
}

/**
 * Ends a module for good: the same input would always fail, so no attempt follows.
 *
 * @example
 * ```ts
 * throw new PermanentError("clip.mov has no video stream: send a file with one");
 * ```
 */
export class PermanentError extends Error {
  readonly exitCode: number;

  constructor(message: string, { exitCode = inputExitCode, cause }: PermanentErrorOptions = {}) {
    super(message, { cause });
    this.name = "PermanentError";
    this.exitCode = exitCode;
  }
}

/** Says in one line what was thrown. */
export function messageOf(thrown: unknown): string {
  // A connection that failed on every address of a host is an AggregateError without a message.
  if (thrown instanceof AggregateError && thrown.message === "")
    return thrown.errors.map(messageOf).join("; ");
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message.replaceAll(/\s*\n\s*/g, " ");
}
