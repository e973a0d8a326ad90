import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { suite, test } from "node:test";
import submissions from "../../modules/demo.ts";
import { picturesUploaded, videoUploaded } from "../../modules/events.ts";
import { probeVideo } from "../../modules/transcoder/ffmpeg/index.ts";
import { temporaryFolder } from "../temporary-folder.ts";

suite("the demo", () => {
  test("submits six pictures, then a short clip", async (t) => {
    const all = await Array.fromAsync(submissions(temporaryFolder(t), t.signal));
    assert.deepEqual(
      all.map(({ type, data, files }) => [type, data, files.length]),
      [
        [picturesUploaded.type, {}, 6],
        [videoUploaded.type, {}, 1],
      ],
    );
    assert.ok(all.flatMap(({ files }) => files).every((path) => existsSync(path)));
    const video = await probeVideo(all[1]?.files[0] ?? "");
    assert.deepEqual(video, { seconds: 4.5, width: 640, height: 360 });
  });

  test("stops when it is told to", async (t) => {
    const stop = new AbortController();
    const running = submissions(temporaryFolder(t), stop.signal);
    await running.next();
    stop.abort();
    await assert.rejects(running.next(), { name: "AbortError" });
  });
});
