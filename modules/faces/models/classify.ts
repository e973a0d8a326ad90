import { runNet } from "./engine.ts";
import type { Pixels } from "./picture.ts";
import { roundShare } from "./round-share.ts";

export const expressions = ["neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"] as const;
export type Expression = (typeof expressions)[number];

/** What a face looks like: the likeliest expression, and the probability of each (0 to 1, together 1). */
export interface ExpressionResult {
  readonly expression: Expression;
  readonly probability: number;
  readonly expressions: Readonly<Record<Expression, number>>;
}

export interface AgeResult {
  /** Years. */
  readonly age: number;
  readonly gender: string;
  /** 0.5 to 1. */
  readonly genderProbability: number;
}

/** The nets answer one picture with one result; the type says that it could be a list. */
function takeOne<Result>(result: Result | Result[]): Result {
  const [one] = Array.isArray(result) ? result : [result];
  if (one === undefined) throw new Error("the net gave no result for the picture");
  return one;
}

/** Says which expression a picture of one face shows. */
export async function classifyExpression(face: Pixels): Promise<ExpressionResult> {
  const found = await runNet("faceExpressionNet", face, async ({ nets }, tensor) =>
    takeOne(await nets.faceExpressionNet.predictExpressions(tensor)),
  );
  const probabilities = {
    neutral: roundShare(found.neutral),
    happy: roundShare(found.happy),
    sad: roundShare(found.sad),
    angry: roundShare(found.angry),
    fearful: roundShare(found.fearful),
    disgusted: roundShare(found.disgusted),
    surprised: roundShare(found.surprised),
  };
  const expression = expressions.reduce((best, next) =>
    probabilities[next] > probabilities[best] ? next : best,
  );
  return { expression, probability: probabilities[expression], expressions: probabilities };
}

/** Estimates the age and gender of the one face in a picture. */
export async function estimateAge(face: Pixels): Promise<AgeResult> {
  const found = await runNet("ageGenderNet", face, async ({ nets }, tensor) =>
    takeOne(await nets.ageGenderNet.predictAgeAndGender(tensor)),
  );
  return {
    age: Math.round(found.age * 10) / 10,
    gender: found.gender,
    genderProbability: roundShare(found.genderProbability),
  };
}
