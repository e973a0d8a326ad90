import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const execute = promisify(execFile);
const ffmpegPackage = join(import.meta.dirname, "../../modules/transcoder/ffmpeg/index.ts");

/** Picks an encoder in a process of its own, whose PATH leads to this program as `ffmpeg`. */
async function pickWith(program: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "ion-ffmpeg-"));
  try {
    const file = join(folder, "ffmpeg");
    writeFileSync(file, `#!/bin/sh\n${program}\n`);
    chmodSync(file, 0o755);
    const code = `import(${JSON.stringify(ffmpegPackage)}).then(async ({ findFfmpeg, pickEncoder }) => {
      const encoder = await pickEncoder(new AbortController().signal);
      console.log((await findFfmpeg()).path === "ffmpeg" ? "path" : "package", encoder.name);
    })`;
    const { stdout } = await execute(process.execPath, ["-e", code], {
      env: { PATH: `${folder}:/bin:/usr/bin` },
    });
    return stdout.trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const list = (...names: string[]) =>
  `case "$*" in *-encoders*) printf ' V..... %s    an encoder\\n' ${names.join(" ")}; exit 0;; esac`;

const skip = process.platform === "win32" ? "shell scripts stand in for ffmpeg" : false;

test("a GPU's encoder that works is picked", { skip }, async () => {
  assert.equal(await pickWith(list("libx264", "h264_nvenc")), "path h264_nvenc");
});

test("a GPU's encoder that ffmpeg only knows is not", { skip }, async () => {
  const noDevice = 'case "$*" in *h264_nvenc*) echo "Cannot load libcuda.so.1" >&2; exit 1;; esac';
  const program = `${list("libx264", "h264_nvenc", "h264_vaapi")}\n${noDevice}`;
  assert.equal(await pickWith(program), "path h264_vaapi");
});

test("without any, libx264 is picked", { skip }, async () => {
  assert.equal(await pickWith(list("libx264")), "path libx264");
});

test("an ffmpeg that can't encode H.264 by itself gives way to the package's", { skip }, async () => {
  assert.match(await pickWith(list("mpeg4")), /^package /);
});
