import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { suite, test } from "node:test";
import { checkPipeline } from "ion";
import media from "../../modules/index.ts";

suite("the media pipeline", () => {
  test("is the graph that its picture shows", () => {
    assert.deepEqual(media.spec.sources, ["frontapi.new_link", "pictures_uploaded", "video_uploaded"]);
    const edges = media.spec.modules.map(({ name, on, emits }) => [name, on.map(({ type }) => type), emits]);
    assert.deepEqual(edges, [
      ["downloader", ["frontapi.new_link"], ["file_downloaded"]],
      ["transcoder", ["file_downloaded", "video_uploaded"], ["file_transcoded"]],
      ["frames", ["file_downloaded", "video_uploaded", "pictures_uploaded"], ["frame_found"]],
      ["faces", ["frame_found"], ["face_found"]],
      ["expression", ["face_found"], []],
      ["age", ["face_found"], []],
      ["report", ["ion.flow_completed"], ["report_ready"]],
    ]);
  });

  test("keeps every rule as plain data too", () => {
    assert.deepEqual(checkPipeline(media.spec), []);
  });

  for (const { name, command } of media.spec.modules) {
    test(`has a program, a README and a Dockerfile for ${name}`, () => {
      const [, program = ""] = command;
      for (const path of [program, `modules/${name}/README.md`, `modules/${name}/Dockerfile`]) {
        assert.ok(existsSync(path), `there is no ${path}`);
      }
    });
  }
});
