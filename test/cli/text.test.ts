import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, formatObject, formatProgress } from "../../runtime/cli/format.ts";
import { clip, measureText, toPrintable, wrap } from "../../runtime/cli/text.ts";

test("measureText() counts wide characters twice and combining ones not at all", () => {
  assert.equal(measureText("abc"), 3);
  assert.equal(measureText("映画"), 4);
  assert.equal(measureText("e\u0301"), 1);
});

test("clip() cuts by cells and marks the cut", () => {
  assert.equal(clip("film.mov", 8), "film.mov");
  assert.equal(clip("film.mov", 5), "film…");
  assert.equal(clip("映画映画", 5), "映画…");
});

test("wrap() breaks between words and clips a longer one", () => {
  assert.deepEqual(wrap("moov atom not found", 10), ["moov atom", "not found"]);
  assert.deepEqual(wrap("a abcdefghijkl b", 5), ["a", "abcd…", "b"]);
});

test("toPrintable() leaves no control character", () => {
  assert.equal(toPrintable("a\tb\r\nc\u001b[2J\u0000"), "a b c\ufffd[2J\ufffd");
});

test("formatDuration() uses the two units that matter", () => {
  const second = 1_000;
  assert.equal(formatDuration(0), "0.0 s");
  assert.equal(formatDuration(-5), "0.0 s");
  assert.equal(formatDuration(59.96 * second), "1 min 00 s");
  assert.equal(formatDuration(245 * second), "4 min 05 s");
  assert.equal(formatDuration(7_380 * second), "2 h 03 min");
  assert.equal(formatDuration(90_000 * second), "1 d 01 h");
});

test("formatProgress() stays between nothing and all", () => {
  assert.equal(formatProgress(-1), "░░░░░░░░░░ 0 %");
  assert.equal(formatProgress(0.999), "█████████░ 99 %");
  assert.equal(formatProgress(7), "██████████ 100 %");
  assert.equal(formatProgress(Number.NaN), "░░░░░░░░░░ 0 %");
});

test("formatObject() cuts long values and long objects", () => {
  assert.equal(formatObject({ a: 1, b: "x y", c: [1, 2] }), "a=1 b=x y c=[1,2]");
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`k${index}`, index]));
  assert.ok(formatObject(many).endsWith("k5=5 … 3 more"));
  assert.equal(formatObject({ a: "x".repeat(100) }).length, 62);
});
