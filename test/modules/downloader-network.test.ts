import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { RequestListener, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { PermanentError } from "ion/kit";
import { type OpenOptions, openUrl } from "../../modules/downloader/open-url.ts";
import { saveBody } from "../../modules/downloader/save-body.ts";
import { startServer } from "./downloader-fixtures.ts";

const loopbackOnly = (address: string): boolean => address === "127.0.0.1";

function open(address: string, options: Partial<OpenOptions> = {}) {
  const { signal } = new AbortController();
  return openUrl(address, { maxRedirects: 5, isAllowed: loopbackOnly, signal, ...options });
}

const isPermanent = (text: RegExp) => (thrown: unknown) =>
  thrown instanceof PermanentError && text.test(thrown.message);

const isTemporary = (text: RegExp) => (thrown: unknown) =>
  thrown instanceof Error && !(thrown instanceof PermanentError) && text.test(thrown.message);

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location }).end();
}

test("a connection goes to the address that was checked, asked for once", async () => {
  const hosts: unknown[] = [];
  await using server = await startServer(({ headers }, response) => {
    hosts.push(headers.host);
    response.end("file");
  });
  const asked: string[] = [];
  const resolve = async (name: string) => {
    asked.push(name);
    // What a rebinding name answers the second time.
    return [{ address: asked.length === 1 ? "127.0.0.1" : "10.0.0.1", family: 4 }];
  };
  const { response } = await open(`http://files.test:${server.port}/a`, { resolve });
  response.destroy();
  assert.deepEqual({ asked, hosts }, { asked: ["files.test"], hosts: [`files.test:${server.port}`] });
});

test("of a name's addresses only those that are allowed are tried", async () => {
  await using server = await startServer((_request, response) => response.end("file"));
  const resolve = async () => [
    { address: "10.0.0.1", family: 4 },
    { address: "127.0.0.1", family: 4 },
  ];
  const { response } = await open(`http://files.test:${server.port}/a`, { resolve });
  assert.equal(response.socket.remoteAddress, "127.0.0.1");
  response.destroy();
});

const refusedTargets = {
  "an address": "http://127.0.0.2/latest/meta-data",
  "an IPv6 address": "http://[::1]/",
  "a name of one": "http://inside.test/",
};

for (const [what, target] of Object.entries(refusedTargets)) {
  test(`a redirect to ${what} that is not allowed is refused`, async () => {
    await using server = await startServer((_request, response) => redirect(response, target));
    const resolve = async () => [{ address: "10.0.0.1", family: 4 }];
    await assert.rejects(open(server.origin, { resolve }), isPermanent(/is not a public address/));
  });
}

test("redirects are followed, relative ones too, and the last address is told", async () => {
  await using server = await startServer(({ url }, response) =>
    url === "/a/first" ? redirect(response, "../b/last.mov") : response.end("file"),
  );
  const { response, url } = await open(`${server.origin}/a/first`);
  response.destroy();
  assert.equal(url.href, `${server.origin}/b/last.mov`);
});

const refusedAnswers: Readonly<Record<string, readonly [RequestListener, RegExp]>> = {
  "more redirects than allowed": [
    (_request, response) => redirect(response, "/again"),
    /redirects more than 5 times/,
  ],
  "a redirect to another protocol": [
    (_request, response) => redirect(response, "file:///etc/passwd"),
    /must begin with http:\/\/ or https:\/\/, not file:/,
  ],
  "a redirect to nowhere": [(_request, response) => redirect(response, "http://"), /which is no address/],
  "404": [(_request, response) => response.writeHead(404).end(), /answered 404 Not Found/],
  "204": [(_request, response) => response.writeHead(204).end(), /answered 204 No Content/],
};

for (const [what, [listener, message]] of Object.entries(refusedAnswers)) {
  test(`${what} fails for good`, async () => {
    await using server = await startServer(listener);
    await assert.rejects(open(`${server.origin}/x`), isPermanent(message));
  });
}

for (const status of [408, 425, 429, 500, 503]) {
  test(`status ${status} is worth another attempt`, async () => {
    await using server = await startServer((_request, response) => response.writeHead(status).end());
    await assert.rejects(open(server.origin), isTemporary(new RegExp(`answered ${status}`)));
  });
}

test("a refused connection is worth another attempt", async () => {
  const server = await startServer(() => undefined);
  await server[Symbol.asyncDispose]();
  await assert.rejects(open(server.origin), isTemporary(/ECONNREFUSED/));
});

interface Saved {
  readonly bytes: number;
  readonly content: string;
  readonly progress: readonly number[];
}

async function save(listener: RequestListener, maxBytes: number, signal?: AbortSignal): Promise<Saved> {
  await using server = await startServer(listener);
  const folder = mkdtempSync(join(tmpdir(), "ion-save-"));
  const progress: number[] = [];
  const onProgress = (fraction: number) => progress.push(fraction);
  try {
    const file = join(folder, "file");
    const { response } = await open(server.origin);
    const options = { maxBytes, onProgress, signal: signal ?? new AbortController().signal };
    const bytes = await saveBody(response, file, options);
    return { bytes, content: readFileSync(file, "utf8"), progress };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a body is saved, and progress told where its length is known", async () => {
  const saved = await save((_request, response) => response.setHeader("content-length", 4).end("file"), 4);
  assert.deepEqual(saved, { bytes: 4, content: "file", progress: [1] });
});

test("an encoded body is decoded", async () => {
  const listener: RequestListener = (_request, response) =>
    response.setHeader("content-encoding", "gzip").end(gzipSync("decoded"));
  assert.equal((await save(listener, 100)).content, "decoded");
});

const tooLarge: Readonly<Record<string, RequestListener>> = {
  "that says its length": (_request, response) => response.setHeader("content-length", 11).end("eleven byte"),
  "that doesn't say its length": (_request, response) => {
    response.write("eleven");
    response.end(" byte");
  },
  "that is larger once decoded": (_request, response) =>
    response.setHeader("content-encoding", "gzip").end(gzipSync(Buffer.alloc(100_000))),
};

for (const [what, listener] of Object.entries(tooLarge)) {
  test(`a file over the cap ${what} is refused`, async () => {
    await assert.rejects(save(listener, 10), isPermanent(/larger than MAX_BYTES, 10 bytes/));
  });
}

test("a body that breaks off is worth another attempt", async () => {
  const listener: RequestListener = (_request, response) => {
    response.setHeader("content-length", 10);
    response.write("half", () => response.destroy());
  };
  await assert.rejects(save(listener, 100), isTemporary(/the connection broke after \d of 10 bytes/));
});

test("a body that doesn't come ends with the signal", async () => {
  const controller = new AbortController();
  const listener: RequestListener = (_request, response) => {
    response.write("begin", () => controller.abort());
  };
  await assert.rejects(save(listener, 100, controller.signal), { name: "AbortError" });
});

test("an encoding that is unknown is refused", async () => {
  const listener: RequestListener = (_request, response) =>
    response.setHeader("content-encoding", "rot13").end("svyr");
  await assert.rejects(save(listener, 100), isPermanent(/encoded as 'rot13'/));
});
