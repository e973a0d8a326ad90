import { IonError } from "./errors.ts";

/** An amount of bytes that carries its unit. Make one with `mebibytes(512)`, `gibibytes(2)`, ... */
export interface Size {
  readonly bytes: number;
}

function size(amount: number, unit: string, bytesPerUnit: number): Size {
  if (!Number.isFinite(amount) || amount < 0) {
    throw new IonError(
      "invalid",
      `cannot make a size of ${amount} ${unit}: it must be a finite number of at least 0`,
    );
  }
  return { bytes: Math.round(amount * bytesPerUnit) };
}

/** @throws IonError `invalid` when the amount is negative or not finite; so do all of these. */
export const kibibytes = (amount: number): Size => size(amount, "KiB", 2 ** 10);
export const mebibytes = (amount: number): Size => size(amount, "MiB", 2 ** 20);
export const gibibytes = (amount: number): Size => size(amount, "GiB", 2 ** 30);

const units = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** A size for people to read: `48.2 MiB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const amount = bytes / 2 ** (10 * power);
  return `${power === 0 ? amount : amount.toFixed(1)} ${units[power] ?? "B"}`;
}
