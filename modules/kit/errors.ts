const dataError = 65;

/**
 * Says that trying again can't help: `run` prints the message and the execution ends as a dead letter.
 * Any other error is retried as the declaration's `retry` says.
 *
 * @example
 * ```ts
 * throw new PermanentError(`'${name}' is no video: send a file that ffmpeg can read`);
 * ```
 */
export class PermanentError extends Error {
  /** 64 to 78, with the meanings of sysexits. https://man.freebsd.org/cgi/man.cgi?sysexits */
  readonly exitCode: number;

  /**
   * @param options.exitCode 64 to 78. @default 65: the input is wrong
   * @throws RangeError when the exit code is no permanent one
   */
  constructor(message: string, options: { readonly exitCode?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "PermanentError";
    this.exitCode = options.exitCode ?? dataError;
    if (!Number.isInteger(this.exitCode) || this.exitCode < 64 || this.exitCode > 78) {
      throw new RangeError(
        `exitCode of a permanent error must be a whole number from 64 to 78: it is ${this.exitCode}`,
      );
    }
  }
}

/** The text of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
