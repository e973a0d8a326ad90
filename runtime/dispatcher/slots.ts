/** How many executions may run at once, and who waits for one to end. */
export interface Slots {
  readonly free: number;
  /** Resolves once there may be a free slot, or the signal aborts. */
  whenFree(signal: AbortSignal): Promise<void>;
  /** Takes a slot once there is one. @returns how to give it back */
  take(): Promise<() => void>;
}

export function makeSlots(size: number): Slots {
  let used = 0;
  const waiting = new Set<() => void>();

  const giveBack = () => {
    used -= 1;
    const all = [...waiting];
    waiting.clear();
    for (const wake of all) wake();
  };
  const wait = (signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      const end = () => {
        waiting.delete(end);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      waiting.add(end);
      signal?.addEventListener("abort", end, { once: true });
    });

  return {
    get free() {
      return size - used;
    },
    whenFree: async (signal) => {
      while (used >= size && !signal.aborted) await wait(signal);
    },
    take: async () => {
      while (used >= size) await wait();
      used += 1;
      return giveBack;
    },
  };
}
