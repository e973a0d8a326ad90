/**
 * Works on items a few at a time. The first failure stops the others and is thrown once they have
 * stopped: nothing still goes on when this ends.
 *
 * @param most items worked on at once
 * @throws what the first failing item threw, or the signal's reason
 */
export async function inParallel<Item>(
  items: readonly Item[],
  most: number,
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  async function workOn(): Promise<void> {
    try {
      for (const item of waiting) {
        either.throwIfAborted();
        await work(item, either);
      }
    } catch (thrown) {
      failure.abort(thrown);
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, workOn));
  failure.signal.throwIfAborted();
}
