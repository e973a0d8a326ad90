import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "./harness.ts";

const note = { method: "POST", url: "/events/note", payload: {} } as const;

for (const authorization of [
  undefined,
  "Bearer",
  "Bearer wrong",
  "Basic c2VjcmV0",
  "secret",
  "Bearer secret x",
]) {
  test(`with a token, '${authorization}' does not get in`, async () => {
    const ion = await startGateway({ token: "secret" });
    const answer = await ion.server.inject({
      ...note,
      headers: authorization === undefined ? {} : { authorization },
    });
    assert.equal(answer.statusCode, 401);
    assert.equal(answer.headers["www-authenticate"], 'Bearer realm="ion"');
    assert.equal(answer.headers["content-type"], "application/problem+json");
    assert.ok(!answer.body.includes("secret"));
    assert.deepEqual(await ion.readState(), { flows: [], blobs: [], published: 0 });
  });
}

test("the token gets in, from any web page and by any name", async () => {
  const ion = await startGateway({ token: "secret" });
  const headers = { authorization: "bearer secret", host: "ion.example", origin: "https://ion.example" };
  assert.equal((await ion.server.inject({ ...note, headers })).statusCode, 202);
});

test("without a token an unknown address is guarded as well", async () => {
  const ion = await startGateway({ token: "secret" });
  assert.equal((await ion.server.inject("/nothing")).statusCode, 401);
});

const foreign = [
  { host: "evil.example" },
  { host: "127.0.0.1.evil.example:9001" },
  { host: "localhost", origin: "https://evil.example" },
  { host: "localhost", origin: "null" },
  { host: "localhost", origin: "http://localhost.evil.example" },
];
for (const headers of foreign) {
  test(`on loopback ${JSON.stringify(headers)} is refused`, async () => {
    const ion = await startGateway();
    const answer = await ion.server.inject({ ...note, headers });
    assert.equal(answer.statusCode, 403);
    assert.deepEqual(await ion.readState(), { flows: [], blobs: [], published: 0 });
  });
}

const local = [
  { host: "localhost:9001" },
  { host: "127.0.0.1:9001", origin: "http://127.0.0.1:9001" },
  { host: "[::1]:9001", origin: "http://localhost:5173" },
];
for (const headers of local) {
  test(`on loopback ${JSON.stringify(headers)} is let in`, async () => {
    const ion = await startGateway();
    assert.equal((await ion.server.inject({ ...note, headers })).statusCode, 202);
  });
}
