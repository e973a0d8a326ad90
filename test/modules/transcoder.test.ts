import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runModule } from "ion/kit/testing";
import { parseVideo, tryFfmpeg } from "../../modules/transcoder/ffmpeg/index.ts";
import { transcoder } from "../../modules/transcoder/module.ts";
import { parseDoneSeconds } from "../../modules/transcoder/transcode.ts";

const bird = join(import.meta.dirname, "../../../shared/data/bird.avi");
const birdMissing = existsSync(bird) || process.env.CI === "true" ? false : `there is no ${bird}`;

test("transcoder makes a playable 1280x720 mp4 of bird.avi", { skip: birdMissing }, async (t) => {
  const { exitCode, log, events, insight, files } = await runModule(transcoder, {
    event: { type: "video_uploaded", data: {} },
    files: { "bird.avi": bird },
  });
  assert.equal(exitCode, 0, log);
  console.log(log, events, insight);
  const mp4 = files["bird.mp4"];
  assert.ok(mp4);
  const folder = await mkdtemp(join(tmpdir(), "ion-transcoder-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "bird.mp4");
  await writeFile(file, mp4);
  const decoded = await tryFfmpeg(["-v", "error", "-i", file, "-f", "null", "-"]);
  assert.deepEqual(decoded, { exitCode: 0, messages: "" });
});
