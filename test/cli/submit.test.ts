import assert from "node:assert/strict";
import { mkdir, open, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { toUploadPath } from "../../runtime/cli/submit.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { eventStream, problem, run, serve, serveRaw } from "./harness.ts";
import { eventId, failedTrace, flowId } from "./samples.ts";

const accepted = {
  status: 202,
  json: { eventId, correlationId: flowId, follow: `/api/flows/${flowId}` },
};

test("ion submit <url> raises a link and says how to follow it", async (t) => {
  const { endpoint, asked } = await serve(t, { "POST /": accepted });
  const result = await run(["submit", "https://example.org/film.mov", "--key", "k1"], {
    endpoint,
    token: "secret",
  });
  assert.deepEqual(result, {
    code: 0,
    stdout: `flow ${flowId} · follow it with: ion trace ${flowId} --follow\n`,
    stderr: "",
  });
  assert.equal(asked[0]?.body, '{"url":"https://example.org/film.mov"}');
  assert.equal(asked[0]?.headers["idempotency-key"], "k1");
  assert.equal(asked[0]?.headers.authorization, "Bearer secret");
});

test("ion submit <type> sends data given as JSON, from a file and from the standard input", async (t) => {
  const folder = temporaryFolder(t);
  await writeFile(join(folder, "data.json"), '{"from":"file"}');
  const { endpoint, asked } = await serve(t, { "POST /events/picture": accepted });
  await run(["submit", "picture", "--data", '{"from":"argument"}'], { endpoint });
  await run(["submit", "picture", "--data", `@${join(folder, "data.json")}`], { endpoint });
  await run(["submit", "picture", "--data", "-"], { endpoint, stdin: '{"from":"stdin"}' });
  await run(["submit", "picture"], { endpoint });
  assert.deepEqual(
    asked.map(({ body }) => body),
    ['{"from":"argument"}', '{"from":"file"}', '{"from":"stdin"}', "{}"],
  );
});

test("ion submit --file sends data first, then each file", async (t) => {
  const folder = temporaryFolder(t);
  await writeFile(join(folder, "a.txt"), "first");
  await writeFile(join(folder, "b.txt"), "second");
  const { endpoint, asked } = await serve(t, { "POST /events/picture": accepted });
  const files = ["--file", join(folder, "a.txt"), "--file", join(folder, "b.txt")];
  const { code } = await run(["submit", "picture", "--data", '{"n":1}', ...files], { endpoint });
  assert.equal(code, 0);
  const [request] = asked;
  assert.ok(request?.headers["content-type"]?.startsWith("multipart/form-data; boundary="));
  const order = [
    'name="data"',
    '{"n":1}',
    "filename*=UTF-8''a.txt",
    "first",
    "filename*=UTF-8''b.txt",
    "second",
  ];
  const places = order.map((text) => request?.body.indexOf(text) ?? -1);
  assert.ok(
    places.every((place, index) => place > (places[index - 1] ?? -1)),
    String(places),
  );
});

test("ion submit --file sends every character of a file's name", async (t) => {
  const name = '映画 "1"\'(é)%22.txt';
  const folder = temporaryFolder(t);
  await writeFile(join(folder, name), "x");
  const { endpoint, asked } = await serve(t, { "POST /events/picture": accepted });
  await run(["submit", "picture", "--file", join(folder, name)], { endpoint });
  const sent = /filename\*=UTF-8''(\S+)/.exec(asked[0]?.body ?? "")?.[1] ?? "";
  assert.match(sent, /^[A-Za-z0-9%._~-]+$/);
  assert.equal(decodeURIComponent(sent), name);
});

test("ion submit reads a file no faster than it is taken", async (t) => {
  const bytes = 2 ** 28;
  const path = join(temporaryFolder(t), "large.bin");
  const handle = await open(path, "w");
  await handle.truncate(bytes);
  await handle.close();
  let received = 0;
  const { endpoint } = await serveRaw(t, (request, response) => {
    request.once("readable", () => {
      // Nothing is read until the sender has had its chance to run ahead.
      setImmediate(() =>
        request.on("data", (chunk: Buffer) => {
          received += chunk.length;
        }),
      );
    });
    request.on("end", () => response.writeHead(202).end(JSON.stringify(accepted.json)));
  });
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }, 5);
  const { code, stderr } = await run(["submit", "picture", "--file", path], { endpoint });
  clearInterval(watch);
  assert.equal(code, 0, stderr);
  assert.ok(received > bytes);
  assert.ok(most < bytes / 2, `${most} bytes were held`);
});

test("ion submit exits 130 when it is interrupted while it waits for data", async () => {
  const signal = AbortSignal.abort();
  const io = { stdin: new PassThrough() };
  const result = await run(["submit", "picture", "--data", "-"], { signal, io });
  assert.deepEqual(result, { code: 130, stdout: "", stderr: "" });
});

test("ion submit --json prints one document", async (t) => {
  const { endpoint } = await serve(t, { "POST /events/picture": accepted });
  const { stdout } = await run(["submit", "picture", "--json"], { endpoint });
  assert.deepEqual(JSON.parse(stdout), accepted.json);
});

test("ion submit --follow stays until the flow has ended and exits 1 when it failed", async (t) => {
  const { endpoint } = await serve(t, {
    "POST /events/picture": accepted,
    [`GET /api/flows/${flowId}/follow`]: eventStream([failedTrace]),
  });
  const { code, stdout, stderr } = await run(["submit", "picture", "--follow"], { endpoint });
  assert.equal(code, 1);
  assert.ok(stdout.startsWith(`flow ${flowId}\n`));
  assert.ok(stdout.includes("transcoder  failed  attempt 4"));
  assert.equal(stderr, "");
});

test("toUploadPath() keeps sub-folders of relative paths only", () => {
  assert.equal(toUploadPath("a/x.png"), "a/x.png");
  assert.equal(toUploadPath("./a//x.png"), "a/x.png");
  assert.equal(toUploadPath("../a/x.png"), "x.png");
  assert.equal(toUploadPath("/data/x.png"), "x.png");
  assert.equal(toUploadPath("..x/y.png"), "..x/y.png");
});

const refused: readonly [name: string, argv: readonly string[], message: RegExp][] = [
  ["no target", [], /missing required argument 'type\|url'/],
  ["a broken address", ["https://"], /cannot use the address 'https:\/\/'/],
  ["a name that is no event type", ["a b"], /event type 'a b'/],
  ["broken JSON", ["picture", "--data", '{"a": 1,\n x}'], /no JSON from line 2, column 2 on/],
  ["JSON that is no object", ["picture", "--data", "[1]"], /must be a JSON object: it is an array/],
  ["a missing data file", ["picture", "--data", "@nowhere.json"], /'nowhere\.json': there is no such file/],
  ["data from a folder", ["picture", "--data", `@${tmpdir()}`], /it is a folder/],
  ["a missing file", ["picture", "--file", "nowhere.mov"], /'nowhere\.mov': there is no such file/],
  ["a folder as a file", ["picture", "--file", tmpdir()], /it is a folder; name its files/],
  ["data for an address", ["https://example.org", "--data", "{}"], /takes no --data/],
  ["an empty key", ["picture", "--key", ""], /--key: it must have 1 to 255/],
  ["a key with a line break", ["picture", "--key", "a\nb"], /--key: it must have 1 to 255/],
  ["an endpoint that is no address", ["picture", "--endpoint", "laptop"], /cannot use the endpoint 'laptop'/],
  [
    "a missing token file",
    ["picture", "--token-file", "nowhere"],
    /token file 'nowhere': there is no such file/,
  ],
];

for (const [name, argv, message] of refused) {
  test(`ion submit refuses ${name} and sends nothing`, async (t) => {
    const { endpoint, asked } = await serve(t, {});
    const { code, stdout, stderr } = await run(["submit", ...argv], { endpoint });
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^ion: cannot [^\n]+\n$/);
    assert.match(stderr, message);
    assert.deepEqual(asked, []);
  });
}

test("ion submit refuses two files of one name", async (t) => {
  const folder = temporaryFolder(t);
  await Promise.all(["a", "b"].map((name) => mkdir(join(folder, name))));
  const paths = ["a", "b"].map((name) => join(folder, name, "x.png"));
  await Promise.all(paths.map((path) => writeFile(path, "x")));
  const { code, stderr } = await run(["submit", "picture", ...paths.flatMap((path) => ["--file", path])]);
  assert.equal(code, 2);
  assert.match(stderr, /two would be named 'x\.png'/);
});

test("ion submit refuses data that is larger than an event, without reading it all", async () => {
  const { code, stderr } = await run(["submit", "picture", "--data", "-"], { stdin: " ".repeat(300_000) });
  assert.equal(code, 2);
  assert.match(stderr, /at most 240\.0 KiB; send what is larger as a file/);
});

const answers: readonly [status: number, errorCode: string, exitCode: number][] = [
  [400, "invalid", 2],
  [404, "not-found", 2],
  [409, "conflict", 2],
  [413, "limit", 2],
  [401, "denied", 1],
  [503, "unavailable", 1],
];

for (const [status, errorCode, exitCode] of answers) {
  test(`ion submit exits ${exitCode} when Ion answers '${errorCode}'`, async (t) => {
    const { endpoint } = await serve(t, {
      "POST /events/picture": problem(status, errorCode, "the rule: the value"),
    });
    const result = await run(["submit", "picture"], { endpoint });
    assert.deepEqual(result, { code: exitCode, stdout: "", stderr: "ion: the rule: the value\n" });
  });
}

test("ion submit reports an answer that comes before all has been sent", async (t) => {
  const path = join(temporaryFolder(t), "large.bin");
  const handle = await open(path, "w");
  await handle.truncate(2 ** 26);
  await handle.close();
  const { endpoint } = await serveRaw(t, (_request, response) => {
    response.writeHead(413, { "content-type": "application/problem+json" });
    response.end(JSON.stringify({ code: "limit", detail: "the files are too large" }));
  });
  const result = await run(["submit", "picture", "--file", path], { endpoint });
  assert.deepEqual(result, { code: 2, stdout: "", stderr: "ion: the files are too large\n" });
});

test("ion submit says that the connection broke off", async (t) => {
  const { endpoint } = await serveRaw(t, (request) => request.socket.destroy());
  const { code, stderr } = await run(["submit", "picture"], { endpoint });
  assert.equal(code, 1);
  assert.match(stderr, /^ion: cannot send the event to http[^\n]+: ECONNRESET; send it again/);
});

test("ion submit says what to do when something else answers", async (t) => {
  const { endpoint } = await serveRaw(t, (_request, response) => response.end("<html>"));
  const { code, stderr } = await run(["submit", "picture"], { endpoint });
  assert.equal(code, 1);
  assert.match(stderr, /with status 200 is no Ion: name another with --endpoint/);
});

test("ion submit says what to do when nothing answers", async () => {
  const { code, stderr } = await run(["submit", "picture"]);
  assert.equal(code, 1);
  assert.match(stderr, /^ion: no Ion answers at http:\/\/127\.0\.0\.1:1: start one with `ion local`/);
});
