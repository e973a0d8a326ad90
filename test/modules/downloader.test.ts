import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runModule } from "ion/kit/testing";
import { downloader } from "../../modules/downloader/module.ts";
import { startServer } from "./downloader-fixtures.ts";

const png = Buffer.from("\x89PNG\r\n\x1a\nrest", "latin1");

function download(url: string, config: Readonly<Record<string, string>> = {}) {
  return runModule(downloader, { event: { data: { url } }, config });
}

test("downloader sends the file on, and tells neither user nor password", async () => {
  await using server = await startServer(({ headers }, response) => {
    assert.equal(headers.authorization, `Basic ${Buffer.from("me:secret").toString("base64")}`);
    const disposition = 'attachment; filename="../../outside.png"';
    response.writeHead(200, { "content-length": png.length, "content-disposition": disposition }).end(png);
  });
  const url = `${server.origin.replace("//", "//me:secret@")}/x`;
  using result = await download(url, { ALLOW_PRIVATE_ADDRESSES: "true" });
  assert.equal(result.exitCode, 0, result.log);
  const [event] = result.events;
  assert.deepEqual(event?.data, { kind: "image", contentType: "image/png", bytes: png.length });
  assert.deepEqual(
    event.files.map(({ path, file }) => [path, readFileSync(file)]),
    [["outside.png", png]],
  );
  const { downloadTimeSec, sourceUrl } = result.insight;
  assert.equal(sourceUrl, `${server.origin}/x`);
  assert.ok(typeof downloadTimeSec === "number" && downloadTimeSec > 0);
  assert.deepEqual(result.progress, [1]);
});

/** The last two are 127.0.0.1 in other spellings. */
for (const host of ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433"]) {
  test(`downloader reaches nothing at ${host} unless its config allows it`, async () => {
    let requests = 0;
    await using server = await startServer((_request, response) => {
      requests += 1;
      response.end();
    });
    using result = await download(`http://${host}:${server.port}/`);
    assert.equal(result.exitCode, 65, result.log);
    assert.match(result.log, /is not a public address.*ALLOW_PRIVATE_ADDRESSES/);
    assert.equal(requests, 0);
  });
}

test("downloader fails for good on 404, and tries again on 500", async () => {
  await using server = await startServer(({ url }, response) =>
    response.writeHead(Number(url?.slice(1))).end(),
  );
  const config = { ALLOW_PRIVATE_ADDRESSES: "true" };
  using missing = await download(`${server.origin}/404`, config);
  using broken = await download(`${server.origin}/500`, config);
  assert.deepEqual([missing.exitCode, broken.exitCode], [65, 1]);
  assert.match(broken.log, /cannot download 'http.*\/500': .*answered 500 Internal Server Error\n$/);
});

test("downloader gives up after TIMEOUT_SECONDS", async () => {
  // Never answers.
  await using server = await startServer(() => undefined);
  const config = { ALLOW_PRIVATE_ADDRESSES: "true", TIMEOUT_SECONDS: "0.05" };
  using result = await download(server.origin, config);
  assert.equal(result.exitCode, 1);
  assert.match(result.log, /it took longer than TIMEOUT_SECONDS, 0\.05 s/);
});

test("downloader refuses a config that makes no sense", async () => {
  using result = await download("http://a.test/", { MAX_BYTES: "many" });
  assert.equal(result.exitCode, 78);
  assert.match(result.log, /setting 'MAX_BYTES' must be a number of at least 0: it is 'many'/);
});
