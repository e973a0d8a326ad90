import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { suite, test } from "node:test";
import { runModule } from "ion/kit/testing";
import {
  countTensors,
  detectFaces,
  readPicture,
  samplePictures,
  UnreadablePictureError,
} from "../../modules/faces/models/index.ts";
import { squareAround } from "../../modules/faces/models/picture.ts";
import { faces } from "../../modules/faces/module.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** A white pixel. */
const whitePng = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC",
  "base64",
);

function findSample(number: number): string {
  const path = samplePictures()[number - 1];
  assert.ok(path !== undefined);
  return path;
}

/** Says in a JPEG's EXIF data how the camera was held. https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf */
function turn(jpeg: Buffer, orientation: number): Buffer {
  const tiff = Buffer.from(`4d4d002a0000000800010112000300000001000${orientation}000000000000`, "hex");
  const exif = Buffer.concat([Buffer.from("Exif\0\0"), tiff]);
  const header = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), header, exif, jpeg.subarray(2)]);
}

const run = (name: string, content: string | Buffer, config: Record<string, string> = {}) =>
  runModule(faces, {
    event: { type: "frame_found", data: { picture: name } },
    files: { [name]: content },
    config,
  });

suite("faces: the models", () => {
  test("find the 22 people of the sample pictures, and keep no memory", async () => {
    const counts: number[] = [];
    const tensors = new Set<number>();
    for (const path of samplePictures()) {
      const found = await detectFaces(await readPicture(path));
      counts.push(found.length);
      tensors.add(await countTensors());
    }
    assert.deepEqual(counts, [3, 3, 3, 4, 5, 4]);
    assert.equal(tensors.size, 1);
  });

  test("decode a picture as the camera was held", async (t) => {
    const turned = join(temporaryFolder(t), "turned.jpg");
    writeFileSync(turned, turn(readFileSync(findSample(1)), 6));
    const { width, height, scale } = await readPicture(turned);
    assert.deepEqual([width, height, scale], [1280, 1920, 1]);
  });

  test("say what is wrong with a file that is no picture", async () => {
    await assert.rejects(readPicture(import.meta.filename), UnreadablePictureError);
  });

  test("keep the square around a face inside its picture", () => {
    const picture = { data: new Uint8Array(), width: 100, height: 60 };
    assert.deepEqual(squareAround({ x: 90, y: -5, width: 10, height: 30 }, picture), {
      x: 70,
      y: 0,
      width: 30,
      height: 30,
    });
    assert.deepEqual(squareAround({ x: 0, y: 0, width: 90, height: 60 }, picture), {
      x: 15,
      y: 0,
      width: 60,
      height: 60,
    });
  });
});

suite("faces: the program", () => {
  test("sends each face of a picture with its crop, from left to right", async () => {
    const path = findSample(1);
    using result = await run(basename(path), path);
    const { exitCode, log, events, insight, files } = result;
    assert.equal(exitCode, 0, log);
    assert.deepEqual(
      events.map((event) => event.files.map(({ path: name }) => name)),
      [["face-1.jpg"], ["face-2.jpg"], ["face-3.jpg"]],
    );
    assert.deepEqual(insight, { faces: 3, picture: "sample1.jpg" });
    const lefts = events.map(({ data }) => data.box.x);
    assert.deepEqual(
      lefts,
      lefts.toSorted((a, b) => a - b),
    );
    for (const { data } of events) {
      assert.ok(data.score > 0.5 && data.box.width > 100 && data.box.width < 300, JSON.stringify(data));
    }
    for (const { file } of files) assert.equal(readFileSync(file).readUInt16BE(0), 0xffd8);
  });

  test("sends nothing for a picture without faces", async () => {
    using result = await run("white.png", whitePng, { FACES_DETECTOR: "fast" });
    const { exitCode, log, events, insight } = result;
    assert.equal(exitCode, 0, log);
    assert.deepEqual([events, insight], [[], { faces: 0, picture: "white.png" }]);
  });

  test("gives up on a broken picture, for good", async () => {
    const half = readFileSync(findSample(1)).subarray(0, 20_000);
    using result = await run("half.jpg", half);
    const { exitCode, log, events } = result;
    assert.deepEqual([exitCode, events], [65, []]);
    assert.match(log, /half\.jpg.*whole JPEG/);
  });

  test("refuses a detector that does not exist", async () => {
    using result = await run("white.png", whitePng, { FACES_DETECTOR: "best" });
    const { exitCode, log } = result;
    assert.equal(exitCode, 78);
    assert.match(log, /'FACES_DETECTOR' must be 'accurate' or 'fast': it is 'best'/);
  });
});
