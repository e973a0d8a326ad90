import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { runModule } from "ion/kit/testing";
import { age } from "../../modules/age/module.ts";
import { cutSampleFace, sampleFaceEvent } from "./sample-face.ts";

suite("age", () => {
  test("takes a young woman for one, and sends nothing on", async () => {
    using face = await cutSampleFace();
    using result = await runModule(age, {
      event: sampleFaceEvent,
      files: { "face.jpg": face.path },
    });
    const { exitCode, log, events, insight } = result;
    assert.equal(exitCode, 0, log);
    assert.deepEqual(events, []);
    assert.ok(Number(insight.age) > 18 && Number(insight.age) < 45, JSON.stringify(insight));
    assert.equal(insight.gender, "female");
    assert.ok(Number(insight.genderProbability) > 0.6, JSON.stringify(insight));
  });

  test("gives up on a file that is no picture, for good", async () => {
    const files = { "face.jpg": Buffer.from("no picture") };
    using result = await runModule(age, { event: sampleFaceEvent, files });
    assert.equal(result.exitCode, 65);
  });
});
