import type { Transition } from "./executor.ts";

/** Hands each transition to everybody who watches. */
export interface TransitionFeed {
  tell(transition: Transition): void;
  /** Every transition from the call on, until the signal aborts. */
  watch(signal: AbortSignal): AsyncIterable<Transition>;
}

interface Watcher {
  readonly signal: AbortSignal;
  /** Has no bound: it is the watcher's to drain. */
  queue: Transition[];
  wake: () => void;
}

async function* drain(watcher: Watcher): AsyncGenerator<Transition, void, undefined> {
  while (!watcher.signal.aborted) {
    const queue = watcher.queue;
    watcher.queue = [];
    for (const transition of queue) {
      yield transition;
      if (watcher.signal.aborted) return;
    }
    if (watcher.queue.length === 0) {
      await new Promise<void>((resolve) => {
        watcher.wake = resolve;
      });
    }
  }
}

export function transitionFeed(): TransitionFeed {
  const watchers = new Set<Watcher>();
  return {
    tell(transition) {
      for (const watcher of watchers) {
        watcher.queue.push(transition);
        watcher.wake();
      }
    },
    watch(signal) {
      // Not inside the generator, which begins with its first item only: nothing may be missed until then.
      const watcher: Watcher = { signal, queue: [], wake: () => {} };
      if (!signal.aborted) watchers.add(watcher);
      const end = () => {
        watchers.delete(watcher);
        watcher.wake();
      };
      signal.addEventListener("abort", end, { once: true });
      return drain(watcher);
    },
  };
}
