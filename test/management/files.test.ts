import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { startManagement } from "./harness.ts";

async function startWithFiles() {
  const ion = await startManagement();
  for (const path of [
    "f/a1/report.html",
    "f/a1/report.html.zz",
    "f/a1/film.MP4",
    "f/a1/run.exe",
    "f/a1/constructor",
  ]) {
    await ion.blobs.put(path, Readable.from([Buffer.from("0123456789")], { objectMode: false }));
  }
  return ion.server;
}

test("a file is answered with its type, and can do nothing in a browser", async () => {
  const server = await startWithFiles();
  const answer = await server.inject("/api/files/f/a1/report.html");
  assert.equal(answer.body, "0123456789");
  assert.equal(answer.headers["content-type"], "text/html; charset=utf-8");
  assert.equal(answer.headers["content-length"], "10");
  assert.equal(answer.headers["x-content-type-options"], "nosniff");
  assert.match(String(answer.headers["content-security-policy"]), /^sandbox; default-src 'none'/);
});

test("the type comes from the name's end, in any case", async () => {
  const server = await startWithFiles();
  for (const [name, type] of [
    ["film.MP4", "video/mp4"],
    ["run.exe", "application/octet-stream"],
    ["constructor", "application/octet-stream"],
  ]) {
    assert.equal((await server.inject(`/api/files/f/a1/${name}`)).headers["content-type"], type);
  }
});

const ranges: [range: string, status: number, body: string, contentRange: string | undefined][] = [
  ["bytes=2-4", 206, "234", "bytes 2-4/10"],
  ["bytes=8-", 206, "89", "bytes 8-9/10"],
  ["bytes=-3", 206, "789", "bytes 7-9/10"],
  ["bytes=5-99", 206, "56789", "bytes 5-9/10"],
  ["bytes=-99", 206, "0123456789", "bytes 0-9/10"],
  ["bytes=10-", 416, "", "bytes */10"],
  ["bytes=-0", 416, "", "bytes */10"],
  ["bytes=4-2", 200, "0123456789", undefined],
  ["bytes=0-1,3-4", 200, "0123456789", undefined],
  ["lines=0-1", 200, "0123456789", undefined],
];
for (const [range, status, body, contentRange] of ranges) {
  test(`range ${range} is answered with ${status}`, async () => {
    const server = await startWithFiles();
    const answer = await server.inject({ url: "/api/files/f/a1/report.html", headers: { range } });
    assert.deepEqual(
      [answer.statusCode, answer.body, answer.headers["content-range"]],
      [status, body, contentRange],
    );
  });
}
