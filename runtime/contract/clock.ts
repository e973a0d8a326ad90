/** Where time comes from, so that a test can make it pass. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves once the time has come, or the signal aborts. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Longest delay of a timer; a longer one would fire at once. https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
export const maxTimerMilliseconds = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(Math.max(0, milliseconds), maxTimerMilliseconds));
      signal?.addEventListener("abort", end, { once: true });
    }),
};
