/** Remembers that something happened until somebody looks: several times are one. */
export interface Latch {
  readonly wake: () => void;
  /** One item for what happened since the item before; ends when the signal aborts. */
  readonly items: (signal: AbortSignal) => AsyncGenerator<void, void, undefined>;
}

export function latch(): Latch {
  let isSet = false;
  let notify = () => {};
  const wake = () => {
    isSet = true;
    notify();
  };
  async function* items(signal: AbortSignal): AsyncGenerator<void, void, undefined> {
    const end = () => notify();
    signal.addEventListener("abort", end, { once: true });
    try {
      while (!signal.aborted) {
        if (!isSet) await new Promise<void>((resolve) => (notify = resolve));
        if (!isSet || signal.aborted) continue;
        isSet = false;
        yield;
      }
    } finally {
      signal.removeEventListener("abort", end);
    }
  }
  return { wake, items };
}
