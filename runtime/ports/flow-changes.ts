import { latch } from "./latch.ts";

/** Tells whoever watches a flow that something of it was written. */
export interface FlowChanges {
  readonly tell: (flow: string) => void;
  /** One item for what was told since the call or the item before; ends when the signal aborts. */
  readonly watch: (flow: string, signal: AbortSignal) => AsyncIterable<void>;
}

export function flowChanges(): FlowChanges {
  const watchers = new Map<string, Set<() => void>>();

  function watch(flow: string, signal: AbortSignal): AsyncIterable<void> {
    const { wake, items } = latch();
    const forget = () => {
      const set = watchers.get(flow);
      set?.delete(wake);
      if (set?.size === 0) watchers.delete(flow);
    };
    // Now and not with the first item: what is written in between counts.
    if (!signal.aborted) watchers.set(flow, (watchers.get(flow) ?? new Set()).add(wake));
    signal.addEventListener("abort", forget, { once: true });
    async function* changes(): AsyncGenerator<void, void, undefined> {
      try {
        yield* items(signal);
      } finally {
        forget();
        signal.removeEventListener("abort", forget);
      }
    }
    return changes();
  }

  return {
    tell: (flow) => {
      for (const wake of watchers.get(flow) ?? []) wake();
    },
    watch,
  };
}
