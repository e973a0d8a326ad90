/** One figure of the benchmark, with what it is held against. */
export interface Figure {
  readonly name: string;
  /** Each round's value, in the order they were taken. */
  readonly values: readonly number[];
  readonly unit: string;
  /** What the median should be. @default no target */
  readonly target?: { readonly kind: "at least" | "at most"; readonly value: number };
  /** How the figure came about: the absolute numbers behind a ratio. */
  readonly note?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

export function meetsTarget({ values, target }: Figure): boolean {
  if (target === undefined) return true;
  return target.kind === "at least" ? median(values) >= target.value : median(values) <= target.value;
}

/** Runs two measurements in turn, so that both meet the same machine. */
export async function inTurn(
  rounds: number,
  ours: () => Promise<number>,
  baseline: () => Promise<number>,
): Promise<{ ours: number[]; baseline: number[]; ratios: number[] }> {
  const result = { ours: [] as number[], baseline: [] as number[], ratios: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const base = await baseline();
    const own = await ours();
    result.baseline.push(base);
    result.ours.push(own);
    result.ratios.push(own / base);
  }
  return result;
}

export const format = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
