import { formatCount } from "./format.ts";
import type { Outcome } from "./outcome.ts";

/** The siblings that are shown, in order, and how many of which outcome are not. */
export interface Selection<Item> {
  readonly shown: readonly Item[];
  readonly hidden: Readonly<Record<Outcome, number>>;
}

/**
 * Chooses which of many siblings to show: the first ones, save that failed ones come before others.
 *
 * @param limit how many may be shown
 */
export function selectSiblings<Item>(
  items: readonly Item[],
  judge: (item: Item) => Outcome,
  limit: number,
): Selection<Item> {
  const hidden: Record<Outcome, number> = { ok: 0, failed: 0, running: 0 };
  if (items.length <= limit) return { shown: items, hidden };
  const failed = items.filter((item) => judge(item) === "failed").slice(0, limit);
  const others = items.filter((item) => judge(item) !== "failed").slice(0, limit - failed.length);
  const chosen = new Set([...failed, ...others]);
  for (const item of items) if (!chosen.has(item)) hidden[judge(item)] += 1;
  return { shown: items.filter((item) => chosen.has(item)), hidden };
}

/** `… 9,980 more (9,975 ok, 5 failed)`; undefined when nothing is hidden. */
export function describeHidden(hidden: Readonly<Record<Outcome, number>>): string | undefined {
  const count = hidden.ok + hidden.running + hidden.failed;
  if (count === 0) return undefined;
  const parts = (["ok", "running", "failed"] as const)
    .filter((outcome) => hidden[outcome] > 0)
    .map((outcome) => `${formatCount(hidden[outcome])} ${outcome}`);
  return `… ${formatCount(count)} more (${parts.join(", ")})`;
}
