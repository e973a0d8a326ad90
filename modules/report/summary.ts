import { readNumber, readText } from "./read-json.ts";
import type { Insights, Report } from "./report.ts";

/** The number that some module reported under this name. */
export const findNumber = (insights: Insights, name: string): number | undefined =>
  Object.values(insights)
    .map((insight) => readNumber(insight, name))
    .find((value) => value !== undefined);

/** The text that some module reported under this name. */
export const findText = (insights: Insights, name: string): string | undefined =>
  Object.values(insights)
    .map((insight) => readText(insight, name))
    .find((value) => value !== undefined);

/** A report in a few numbers. */
export interface Summary {
  readonly pictures: number;
  readonly faces: number;
  /** How many faces show each expression, the most frequent first. */
  readonly expressions: readonly { readonly expression: string; readonly count: number }[];
  /** Years; undefined when no face has an age. */
  readonly medianAge?: number;
}

/** The middle of sorted numbers; undefined when there are none. */
function findMedian(sorted: readonly number[]): number | undefined {
  const low = sorted[Math.ceil(sorted.length / 2) - 1];
  const high = sorted[Math.floor(sorted.length / 2)];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

export function summarize({ pictures }: Report): Summary {
  const faces = pictures.flatMap((picture) => picture.faces);
  const shown = faces.map(({ insights }) => findText(insights, "expression"));
  const groups = Map.groupBy(
    shown.filter((expression) => expression !== undefined),
    (expression) => expression,
  );
  const ages = faces
    .map(({ insights }) => findNumber(insights, "age"))
    .filter((age) => age !== undefined)
    .sort((a, b) => a - b);
  const medianAge = findMedian(ages);
  return {
    pictures: pictures.length,
    faces: faces.length,
    expressions: [...groups]
      .map(([expression, { length: count }]) => ({ expression, count }))
      .sort((a, b) => b.count - a.count || (a.expression < b.expression ? -1 : 1)),
    ...(medianAge !== undefined && { medianAge }),
  };
}
