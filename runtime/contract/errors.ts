/**
 * What went wrong, as one closed set; callers branch on the code, never on message text.
 *
 * - `not-found`: the thing asked for is not there
 * - `conflict`: somebody else wrote first, or the thing is already there
 * - `invalid`: the input breaks a rule; the same call will always fail
 * - `unavailable`: try again later
 * - `denied`: who asks may not
 * - `limit`: a documented limit would be passed
 * - `terminal`: the thing has ended and can't be changed any more
 */
export type ErrorCode = (typeof errorCodes)[number];

const errorCodes = [
  "not-found",
  "conflict",
  "invalid",
  "unavailable",
  "denied",
  "limit",
  "terminal",
] as const;

export function isErrorCode(value: unknown): value is ErrorCode {
  return errorCodes.some((code) => code === value);
}

/** The one error that crosses a border inside Ion. */
export class IonError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "IonError";
    this.code = code;
  }

  /** Wraps whatever was thrown; an `IonError` passes through unchanged. */
  static from(thrown: unknown, code: ErrorCode = "unavailable"): IonError {
    if (thrown instanceof IonError) return thrown;
    return new IonError(code, thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
  }
}

/** Whether a thrown value is an `IonError` with one of the given codes. */
export function hasCode(thrown: unknown, ...codes: readonly ErrorCode[]): thrown is IonError {
  return thrown instanceof IonError && codes.includes(thrown.code);
}
