import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { test } from "node:test";
import { memoryBlobs } from "../../runtime/adapters/memory/blobs.ts";
import { IonError } from "../../runtime/contract/errors.ts";
import type { Blobs } from "../../runtime/ports/blobs.ts";
import { form, startGateway } from "./harness.ts";

async function listen(options: Parameters<typeof startGateway>[0] = {}) {
  const ion = await startGateway(options);
  const address = await ion.server.listen({ host: "127.0.0.1", port: 0 });
  return {
    ...ion,
    address,
    port: Number(new URL(address).port),
    [Symbol.asyncDispose]: () => ion.server.close(),
  };
}

const head = '--X\r\ncontent-disposition: form-data; name="f"; filename="big.bin"\r\n\r\n';
const multipart = { "content-type": "multipart/form-data; boundary=X" };

/** Counts the bytes of each file and keeps none. */
function countingBlobs(): { blobs: Blobs; counted: number[] } {
  const counted: number[] = [];
  const put: Blobs["put"] = async (path, source) => {
    assert.ok(source instanceof Readable);
    let bytes = 0;
    for await (const chunk of source as AsyncIterable<Buffer>) bytes += chunk.length;
    counted.push(bytes);
    return { path, bytes, sha256: "0" };
  };
  return { blobs: { ...memoryBlobs(), put }, counted };
}

test("a file of 2 GiB passes through without staying in memory", async () => {
  const { blobs, counted } = countingBlobs();
  await using ion = await listen({ blobs });
  const chunk = Buffer.alloc(2 ** 20);
  const chunks = 2048;
  let mostBytes = 0;
  const before = process.memoryUsage().rss;
  async function* body() {
    yield Buffer.from(head);
    for (let index = 0; index < chunks; index += 1) {
      if (index % 64 === 0) mostBytes = Math.max(mostBytes, process.memoryUsage().rss);
      yield chunk;
    }
    yield Buffer.from("\r\n--X--\r\n");
  }
  const sent = request(`${ion.address}/events/film`, { method: "POST", headers: multipart });
  const answered = once(sent, "response");
  Readable.from(body()).pipe(sent);
  const [answer] = await answered;
  answer.resume();
  assert.equal(answer.statusCode, 202);
  assert.deepEqual(counted, [chunks * chunk.length]);
  assert.ok(mostBytes - before < 150 * 2 ** 20, `memory grew by ${mostBytes - before} bytes`);
});

test("a sender that goes away inside a file leaves nothing", async () => {
  const inner = memoryBlobs();
  const removed = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const blobs: Blobs = {
    ...inner,
    put: (path, source, options) => {
      begun.resolve();
      return inner.put(path, source, options);
    },
    remove: async (prefix) => {
      await inner.remove(prefix);
      removed.resolve(prefix);
    },
  };
  await using ion = await listen({ blobs });
  const socket = connect(ion.port, "127.0.0.1");
  const lines = [
    "POST /events/film HTTP/1.1",
    "host: localhost",
    `content-type: ${multipart["content-type"]}`,
    "content-length: 9999",
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n${head}some bytes`);
  await begun.promise;
  socket.destroy();
  await removed.promise;
  assert.deepEqual(await ion.readState(), { flows: [], blobs: [], published: 0 });
});

test("a refused upload gets its answer though more of it follows", async () => {
  await using ion = await listen();
  const body = form([
    { name: "f", value: "x", filename: "../x" },
    { name: "f", value: "x".repeat(5_000_000), filename: "b" },
  ]);
  const answer = await fetch(`${ion.address}/events/film`, {
    method: "POST",
    body: body.payload,
    headers: body.headers,
  });
  assert.equal(answer.status, 400);
  assert.deepEqual(await ion.readState(), { flows: [], blobs: [], published: 0 });
});

test("a store that fails is no fault of the sender", async () => {
  const put: Blobs["put"] = async (_path, source) => {
    const failure = new IonError("unavailable", "the disk is full");
    if (source instanceof Readable) source.destroy();
    throw failure;
  };
  await using ion = await listen({ blobs: { ...memoryBlobs(), put } });
  const body = form([{ name: "f", value: "x".repeat(500_000), filename: "a" }]);
  const answer = await fetch(`${ion.address}/events/film`, {
    method: "POST",
    body: body.payload,
    headers: body.headers,
  });
  assert.equal(answer.status, 503);
  assert.deepEqual(ion.published, []);
});

test("a JSON body of unannounced length is cut at the limit", async () => {
  await using ion = await listen();
  const sent = request(`${ion.address}/events/note`, {
    method: "POST",
    headers: { "content-type": "application/json", "transfer-encoding": "chunked" },
  });
  // The server answers and hangs up before the body is through.
  sent.on("error", () => {});
  sent.write(`{"text":"${"x".repeat(300_000)}`);
  const [answer] = await once(sent, "response");
  assert.equal(answer.statusCode, 413);
  sent.destroy();
});

test("what is no HTTP gets a problem answer", async () => {
  await using ion = await listen();
  const socket = connect(ion.port, "127.0.0.1");
  socket.end("NONSENSE\r\n\r\n");
  const text = (await socket.setEncoding("utf8").toArray()).join("");
  assert.match(text, /^HTTP\/1\.1 400 .*application\/problem\+json.*"status":400/s);
});
