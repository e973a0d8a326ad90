import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { runModule } from "ion/kit/testing";
import { expression } from "../../modules/expression/module.ts";
import { cutSampleFace, sampleFaceEvent } from "./sample-face.ts";

suite("expression", () => {
  test("sees that a laughing woman is happy, and sends nothing on", async () => {
    using face = await cutSampleFace();
    using result = await runModule(expression, {
      event: sampleFaceEvent,
      files: { "face.jpg": face.path },
    });
    const { exitCode, log, events, insight } = result;
    assert.equal(exitCode, 0, log);
    assert.deepEqual(events, []);
    assert.equal(insight.expression, "happy");
    assert.ok(Number(insight.probability) > 0.9, JSON.stringify(insight));
    const probabilities = Object.values(insight.expressions ?? {}).map(Number);
    const sum = probabilities.reduce((total, each) => total + each, 0);
    assert.ok(probabilities.length === 7 && Math.abs(sum - 1) < 0.001, JSON.stringify(insight));
  });

  test("gives up on a file that is no picture, for good", async () => {
    const files = { "face.jpg": Buffer.from("no picture") };
    using result = await runModule(expression, { event: sampleFaceEvent, files });
    assert.equal(result.exitCode, 65);
  });
});
