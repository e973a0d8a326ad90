import { isEnd, type Transition } from "../ports/executor.ts";
import { latch } from "../ports/latch.ts";

export interface Progress {
  /** 0 to 1. */
  readonly fraction: number;
  readonly message: string;
}

/** What running modules say of themselves. It is for people: nothing is decided by it, and a restart may lose it. */
export interface ProgressBoard {
  find(executionId: string): Progress | undefined;
  /** One item, soon, after any change from now on; several changes may be one item. */
  watch(signal: AbortSignal): AsyncIterable<void>;
}

/** `attemptKey` without the attempt. */
const executionOf = (key: string): string => key.slice(0, key.lastIndexOf(".a"));

/**
 * Keeps the last progress of each run that has not ended.
 *
 * @param transitions what `executor.watch(signal)` tells; the board is filled until they end
 */
export function progressBoard(transitions: AsyncIterable<Transition>): ProgressBoard {
  const latest = new Map<string, Progress>();
  const watchers = new Set<() => void>();

  const change = (transition: Transition): boolean => {
    const id = executionOf(transition.key);
    if (isEnd(transition)) return latest.delete(id);
    if (transition.state !== "progress") return false;
    latest.set(id, { fraction: transition.fraction, message: transition.message });
    return true;
  };

  const fill = async () => {
    for await (const transition of transitions) {
      if (change(transition)) for (const wake of watchers) wake();
    }
  };
  // Safe: without transitions nobody sees progress, and the dispatcher, which watches too, says why.
  fill().catch(() => latest.clear());

  return {
    find: (executionId) => latest.get(executionId),
    watch(signal) {
      const changes = latch();
      watchers.add(changes.wake);
      signal.addEventListener("abort", () => watchers.delete(changes.wake), { once: true });
      return changes.items(signal);
    },
  };
}

/** For a place that knows no progress. */
export const noProgress: ProgressBoard = {
  find: () => undefined,
  watch: (signal) => latch().items(signal),
};
