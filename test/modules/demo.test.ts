import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import submissions from "../../modules/demo.ts";
import { picturesUploaded, videoUploaded } from "../../modules/events.ts";
import { probeVideo } from "../../modules/transcoder/ffmpeg/index.ts";

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "ion-demo-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

suite("the demo", () => {
  test("submits six pictures, then a short clip", async (t) => {
    const all = await Array.fromAsync(submissions(makeFolder(t), t.signal));
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
    const running = submissions(makeFolder(t), stop.signal);
    await running.next();
    stop.abort();
    await assert.rejects(running.next(), { name: "AbortError" });
  });
});
