import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { makeLiveRegion } from "../../runtime/cli/live-region.ts";
import { Sink } from "./harness.ts";

function makeRegion(rows: number) {
  const stdout = new Sink();
  const stdin = new PassThrough();
  const flags = { isTty: true, canAsk: false, colour: false };
  return {
    stdout,
    region: makeLiveRegion({ stdin, stdout, stderr: new Sink(), columns: 80, rows, ...flags }),
  };
}

test("draw() replaces what it drew before", () => {
  const { stdout, region } = makeRegion(24);
  region.draw(["a", "b"]);
  region.draw(["c"]);
  region.clear();
  assert.equal(
    stdout.text,
    "\u001b[?7la\nb\u001b[?7h\n\u001b[2F\u001b[0J\u001b[?7lc\u001b[?7h\n\u001b[1F\u001b[0J",
  );
});

test("draw() draws no more lines than the terminal can take back", () => {
  const { stdout, region } = makeRegion(4);
  region.draw(["a", "b", "c", "d", "e"]);
  assert.equal(stripVTControlCharacters(stdout.text), "a\nb\n… 3 more lines\n");
});
