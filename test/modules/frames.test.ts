import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runModule } from "ion/kit/testing";
import { spreadTimes } from "../../modules/frames/extract-frames.ts";
import { frames } from "../../modules/frames/module.ts";
import { bird, birdMissing, describe } from "./transcoder-fixtures.ts";

const pictures = { "a.png": Buffer.from("first"), "set/a.png": Buffer.from("second") };
const sendPictures = (config: Readonly<Record<string, string>> = {}) =>
  runModule(frames, { event: { type: "pictures_uploaded", data: {} }, files: pictures, config });

test("frames takes evenly spaced pictures from a video", { skip: birdMissing }, async () => {
  using result = await runModule(frames, {
    event: { type: "video_uploaded", data: {} },
    files: { "bird.avi": bird },
    config: { FRAMES: "2" },
  });
  assert.deepEqual(
    result.events.map(({ data, files }) => [data, files.map(({ path }) => path)]),
    [
      [{ picture: "bird-001.jpg", seconds: 2.958 }, ["bird-001.jpg"]],
      [{ picture: "bird-002.jpg", seconds: 8.873 }, ["bird-002.jpg"]],
    ],
    result.log,
  );
  const [first, second] = result.files;
  assert.ok(first !== undefined && second !== undefined);
  assert.match(await describe(first.file), /Video: mjpeg.*256x240/);
  assert.notDeepEqual(readFileSync(first.file), readFileSync(second.file));
  assert.deepEqual(result.insight, { pictures: 2 });
});

test("frames passes pictures on, each with its own event", async () => {
  using result = await sendPictures();
  assert.deepEqual(
    result.events.map(({ data, files }) => [data, files.map(({ file }) => readFileSync(file, "utf8"))]),
    [
      [{ picture: "a.png" }, ["first"]],
      [{ picture: "set/a.png" }, ["second"]],
    ],
    result.log,
  );
});

test("frames passes a downloaded picture on", async () => {
  using result = await runModule(frames, {
    event: { type: "file_downloaded", data: { kind: "image", contentType: "image/png", bytes: 5 } },
    files: { "a.png": Buffer.from("first") },
  });
  assert.deepEqual(result.events[0]?.data, { picture: "a.png" }, result.log);
});

test("frames refuses more pictures than MAX_PICTURES", async () => {
  using result = await sendPictures({ MAX_PICTURES: "1" });
  assert.equal(result.exitCode, 65);
  assert.match(result.log, /2 pictures are more than MAX_PICTURES, 1/);
});

test("frames refuses an event without pictures, and a video that is none", async () => {
  using none = await runModule(frames, { event: { type: "pictures_uploaded", data: {} } });
  assert.match(none.log, /no picture came with the event/);
  using text = await runModule(frames, {
    event: { type: "video_uploaded", data: {} },
    files: { "text.mov": Buffer.from("no video") },
  });
  assert.match(text.log, /no video can be read from 'text\.mov'/);
  assert.deepEqual([none.exitCode, text.exitCode], [65, 65]);
});

test("frames refuses a count that makes no sense", async () => {
  using result = await runModule(frames, {
    event: { type: "video_uploaded", data: {} },
    files: { "text.mov": Buffer.from("no video") },
    config: { FRAMES: "0.5" },
  });
  assert.equal(result.exitCode, 78);
  assert.match(result.log, /setting 'FRAMES' must be a whole number of at least 1: it is 0\.5/);
});

test("spreadTimes() takes the middle of equal parts", () => {
  assert.deepEqual(spreadTimes(10, 2), [2.5, 7.5]);
  assert.deepEqual(spreadTimes(undefined, 2), [0]);
});
