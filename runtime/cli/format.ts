import type { JsonObject } from "../contract/json.ts";
import { clip, toPrintable } from "./text.ts";

/** `0.0 s`, `4 min 05 s`, `2 h 03 min`, `3 d 04 h`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1_000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (amount: number) => String(Math.floor(amount)).padStart(2, "0");
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3_600)} h ${two((whole % 3_600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${two((whole % 86_400) / 3_600)} h`;
}

/** `9,980`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `1 event`, `9,980 events`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** The time between two ISO 8601 times, in milliseconds; until `now` while there is no end. */
export function elapsed(start: string, end: string | undefined, now: number): number {
  return (end === undefined ? now : Date.parse(end)) - Date.parse(start);
}

/** `2026-11-24 21:38:14`, UTC. */
export function formatTime(iso: string): string {
  return toPrintable(iso)
    .replace("T", " ")
    .replace(/\.\d+Z?$|Z$/, "");
}

/** An object on one line: `downloadTimeSec=1.1 sourceUrl=https://…`; long values and the seventh key on are cut. */
export function formatObject(object: JsonObject): string {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  const shown = entries.slice(0, 6).map(([key, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `${clip(toPrintable(key), 40)}=${clip(toPrintable(text), 60)}`;
  });
  const hidden = entries.length - shown.length;
  return [...shown, ...(hidden > 0 ? [`… ${hidden} more`] : [])].join(" ");
}

/** A progress bar of ten cells: `██████░░░░ 60 %`. */
export function formatProgress(fraction: number): string {
  const bounded = Math.min(1, Math.max(0, Number.isFinite(fraction) ? fraction : 0));
  const full = Math.floor(bounded * 10);
  return `${"█".repeat(full)}${"░".repeat(10 - full)} ${Math.floor(bounded * 100)} %`;
}
