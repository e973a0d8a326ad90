import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { probeVideo } from "../../modules/transcoder/ffmpeg/index.ts";
import { bird, birdMissing, describe, listDecodeErrors } from "../modules/transcoder-fixtures.ts";
import { getExecution, listEvents, listExecutions, startIon } from "./local-ion.ts";

const noFfprobe = spawnSync("ffprobe", ["-version"]).error !== undefined && "no ffprobe on the PATH";

test("an uploaded video becomes a playable mp4, frames and a report", { skip: birdMissing }, async (t) => {
  const ion = await startIon(t, { pipeline: "modules/index.ts" });
  const trace = await ion.run("video_uploaded", {}, [bird]);

  assert.equal(trace.counts.failed, 0, JSON.stringify(trace, undefined, 1));
  const [film] = getExecution(trace, "transcoder").children;
  const [mp4] = film?.files ?? [];
  assert(mp4 !== undefined);
  const path = join(ion.data, "blobs", mp4.blob);
  const { seconds = 0, ...size } = await probeVideo(path);
  assert.deepEqual(size, { width: 1280, height: 720 });
  assert(Math.abs(seconds - 11.8) < 0.3, `it lasts ${seconds} s`);
  assert.match(await describe(path), /Video: h264/);
  assert.equal(await listDecodeErrors(path), "");

  await t.test("ffprobe agrees", { skip: noFfprobe }, () => {
    const streams = execFileSync("ffprobe", [
      "-v",
      "error",
      "-show_entries",
      "stream=codec_name,width,height",
      "-of",
      "csv=p=0",
      path,
    ]);
    assert.equal(streams.toString(), "h264,1280,720\n");
  });

  const frames = getExecution(trace, "frames").children.length;
  assert(frames > 0);
  assert.equal(listExecutions(trace, "faces").length, frames);
  const [report] = getExecution(trace, "report").children;
  assert.deepEqual(report?.data.pictures, frames);
  assert(report?.files.some(({ path }) => path.endsWith(".html")));
  assert.equal(listEvents(trace).filter(({ type }) => type === "ion.flow_completed").length, 1);
});
