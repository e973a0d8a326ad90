import { IonError } from "./errors.ts";

/** A length of time that carries its unit. Make one with `seconds(30)`, `minutes(5)`, ... */
export interface Duration {
  readonly milliseconds: number;
}

function duration(amount: number, unit: string, millisecondsPerUnit: number): Duration {
  if (!Number.isFinite(amount) || amount < 0) {
    throw new IonError(
      "invalid",
      `cannot make a duration of ${amount} ${unit}: it must be a finite number of at least 0`,
    );
  }
  return { milliseconds: amount * millisecondsPerUnit };
}

/** @throws IonError `invalid` when the amount is negative or not finite; so do all of these. */
export const milliseconds = (amount: number): Duration => duration(amount, "milliseconds", 1);
export const seconds = (amount: number): Duration => duration(amount, "seconds", 1_000);
export const minutes = (amount: number): Duration => duration(amount, "minutes", 60_000);
export const hours = (amount: number): Duration => duration(amount, "hours", 3_600_000);
export const days = (amount: number): Duration => duration(amount, "days", 86_400_000);
