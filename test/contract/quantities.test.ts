import assert from "node:assert/strict";
import { it } from "node:test";
import { days, hours, milliseconds, minutes, seconds } from "../../runtime/contract/duration.ts";
import { IonError } from "../../runtime/contract/errors.ts";
import { formatBytes, gibibytes, kibibytes, mebibytes } from "../../runtime/contract/size.ts";

it("durations carry their unit", () => {
  assert.deepEqual(
    [milliseconds(5), seconds(1.5), minutes(2), hours(1), days(1)].map((each) => each.milliseconds),
    [5, 1_500, 120_000, 3_600_000, 86_400_000],
  );
});

it("sizes carry their unit and are whole bytes", () => {
  assert.deepEqual(
    [kibibytes(1), mebibytes(0.5), gibibytes(2), kibibytes(0.3)].map(({ bytes }) => bytes),
    [1_024, 524_288, 2_147_483_648, 307],
  );
});

for (const [make, unit] of [
  [seconds, "a duration of AMOUNT seconds"],
  [mebibytes, "a size of AMOUNT MiB"],
] as const) {
  for (const amount of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`refuses ${unit.replace("AMOUNT", String(amount))}`, () => {
      const words = unit.replace("AMOUNT", String(amount));
      const message = `cannot make ${words}: it must be a finite number of at least 0`;
      assert.throws(() => make(amount), new IonError("invalid", message));
    });
  }
}

for (const [bytes, text] of [
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [48.2 * 2 ** 20, "48.2 MiB"],
  [3 * 2 ** 40, "3.0 TiB"],
  [3 * 2 ** 50, "3072.0 TiB"],
] as const) {
  it(`formatBytes() says ${text}`, () => assert.equal(formatBytes(bytes), text));
}
