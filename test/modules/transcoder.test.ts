import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runModule } from "ion/kit/testing";
import { parseVideo } from "../../modules/transcoder/ffmpeg/index.ts";
import { transcoder } from "../../modules/transcoder/module.ts";
import { parseDoneSeconds } from "../../modules/transcoder/transcode.ts";
import { startServer } from "./downloader-fixtures.ts";
import { bird, birdMissing, describe, listDecodeErrors, makeClip } from "./transcoder-fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "ion-transcoder-"));
after(() => rmSync(folder, { recursive: true }));

const upload = (name: string, file: string | Buffer) =>
  runModule(transcoder, { event: { type: "video_uploaded", data: {} }, files: { [name]: file } });

test("transcoder makes a playable mp4 of bird.avi", { skip: birdMissing }, async () => {
  using result = await upload("bird.avi", bird);
  assert.equal(result.exitCode, 0, result.log);
  const [event] = result.events;
  const [mp4] = event?.files ?? [];
  assert.ok(event !== undefined && mp4 !== undefined);
  assert.equal(mp4.path, "bird.mp4");
  const { seconds, ...data } = event.data;
  assert.deepEqual(data, { width: 1280, height: 720, encoder: result.insight.encoder });
  assert.ok(Math.abs(seconds - 11.83) < 0.1, `it takes ${seconds} s`);
  assert.ok(Number(result.insight.transcodeTimeSec) > 0);
  assert.match(await describe(mp4.file), /Video: h264 .*yuv420p.*1280x720/);
  assert.equal(await listDecodeErrors(mp4.file), "");
  assert.ok(result.progress.length > 1, result.log);
  assert.deepEqual(
    result.progress,
    result.progress.toSorted((a, b) => a - b),
  );
});

test("transcoder keeps the sound, fits a portrait between bars, and puts the index first", async () => {
  const file = join(folder, "portrait.mov");
  await makeClip(file, { size: "90x160", seconds: 1, sound: true });
  using result = await upload("portrait.mov", file);
  const mp4 = result.files[0]?.file ?? "";
  const description = await describe(mp4);
  assert.match(description, /Video: h264 .*1280x720 \[SAR 1:1 DAR 16:9\]/, result.log);
  assert.match(description, /Audio: aac/);
  const bytes = readFileSync(mp4);
  assert.ok(bytes.indexOf("moov") < bytes.indexOf("mdat"));
});

test("transcoder refuses what is no video, in ffmpeg's words", async () => {
  using text = await upload("text.mov", Buffer.from("no video"));
  assert.equal(text.exitCode, 65);
  assert.match(text.log, /no video can be read from 'text\.mov': Invalid data found when processing input\./);
  const file = join(folder, "cut.mp4");
  await makeClip(file, { size: "64x64", seconds: 1 });
  const whole = readFileSync(file);
  using cut = await upload("cut.mp4", whole.subarray(0, whole.indexOf("moov")));
  assert.equal(cut.exitCode, 65, cut.log);
});

test("transcoder follows no address that a playlist names", async () => {
  let requests = 0;
  await using server = await startServer((_request, response) => {
    requests += 1;
    response.end();
  });
  const entry = `#EXTINF:1,\n${server.origin}/a.ts`;
  const playlist = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n${entry}\n#EXT-X-ENDLIST\n`;
  using result = await upload("list.m3u8", Buffer.from(playlist));
  assert.equal(result.exitCode, 65, result.log);
  assert.equal(requests, 0);
});

test("transcoder stops ffmpeg when it is stopped", async () => {
  const file = join(folder, "long.mov");
  await makeClip(file, { size: "64x36", seconds: 120 });
  const stop = new AbortController();
  using result = await runModule(transcoder, {
    event: { type: "file_downloaded", data: { kind: "video", contentType: "video/quicktime", bytes: 1 } },
    files: { "long.mov": file },
    signal: stop.signal,
    onLog: (text) => text.includes("::progress") && stop.abort(),
  });
  assert.equal(result.exitCode, 143, result.log);
});

test("parseDoneSeconds() reads ffmpeg's progress", () => {
  const lines = ["out_time_ms=1500000", "out_time_ms=N/A", "frame=3"];
  assert.deepEqual(lines.map(parseDoneSeconds), [1.5, undefined, undefined]);
});

test("parseVideo() reads ffmpeg's description", () => {
  const stream = "Stream #0:0(und): Video: h264 (High) (avc1 / 0x31637661), yuv420p, 1280x720 [SAR 1:1]";
  const length = "Duration: 01:02:03.50, start: 0.000000";
  assert.deepEqual(parseVideo(`${length}\n${stream}`), { seconds: 3723.5, width: 1280, height: 720 });
  assert.deepEqual(parseVideo(`Duration: N/A\n${stream}`), { seconds: undefined, width: 1280, height: 720 });
  assert.equal(parseVideo("Stream #0:0: Audio: mp3, 44100 Hz"), undefined);
});
