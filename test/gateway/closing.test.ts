import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { httpServer } from "../../runtime/gateway/server.ts";

/** A server whose one answer waits, and a connection to it. */
async function listen(t: TestContext) {
  const server = httpServer();
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<string>();
  server.get("/slow", () => {
    asked.resolve();
    return answer.promise;
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  const { port } = new URL(server.listeningOrigin);
  const accepted = once(server.server, "connection");
  const socket = connect(Number(port), "127.0.0.1");
  t.after(() => {
    socket.destroy();
    server.server.closeAllConnections();
  });
  await accepted;
  return { server, socket, asked: asked.promise, answer: answer.resolve };
}

const request = "GET /slow HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";

/** Far below the minute that Node gives a connection to send its first headers. */
const timeout = 20_000;

test("a closing server ends connections that have sent nothing", { timeout }, async (t) => {
  const { server, socket } = await listen(t);
  const ended = once(socket.resume(), "close");
  await server.close();
  await ended;
});

test("a closing server ends connections whose request is half sent", { timeout }, async (t) => {
  const { server, socket } = await listen(t);
  const ended = once(socket.resume(), "close");
  socket.write(request.slice(0, 10));
  await server.close();
  await ended;
});

test("a closing server answers what it was asked, and ends the connection then", { timeout }, async (t) => {
  const { server, socket, asked, answer } = await listen(t);
  const received = socket.setEncoding("utf8").toArray();
  socket.write(request);
  await asked;
  const closed = server.close();
  answer("done");
  await closed;
  assert.match((await received).join(""), /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\ndone$/s);
});

test("a closing server ends connections that were answered", { timeout }, async (t) => {
  const { server, socket, answer } = await listen(t);
  const ended = once(socket, "close");
  socket.write(request);
  answer("done");
  await once(socket, "data");
  await server.close();
  await ended;
});
