import type { Clock } from "../../runtime/contract/clock.ts";

/** A clock that stands still until it's told to go on. */
export interface ManualClock extends Clock {
  advance(milliseconds: number): void;
}

export function manualClock(start = Date.UTC(2030, 0, 1)): ManualClock {
  let time = start;
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    now: () => time,
    wait: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (milliseconds <= 0 || signal?.aborted) return resolve();
        const sleeper = {
          until: time + milliseconds,
          wake: () => {
            sleepers.delete(sleeper);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", sleeper.wake, { once: true });
      }),
    advance: (milliseconds) => {
      time += milliseconds;
      for (const { until, wake } of sleepers) if (until <= time) wake();
    },
  };
}
