import type { Socket } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { type Log, silentLog } from "../contract/log.ts";
import { registerGuard } from "./guard.ts";
import { problemJson, registerProblemAnswers, sendProblem } from "./problem.ts";

export interface ServerOptions {
  /** Whoever asks must bear it. @default anybody who reaches the server may ask */
  readonly token?: string;
  /** Told every error that no answer explains. @default nobody */
  readonly log?: Log;
}

const badRequest = (detail: string) => ({ status: 400, detail, code: "invalid" }) as const;

/** What is no HTTP gets an answer too, as long as its connection can carry one. */
const notHttp = (() => {
  const body = problemJson(badRequest("the request is not valid HTTP"));
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}`;
  return `${head}\r\nconnection: close\r\n\r\n${body}`;
})();

/**
 * Lets a closing server end with its last request: each connection ends once nothing asked on it is
 * left. Node itself waits a minute for a connection that has sent nothing yet, as clients keep ready,
 * and for ever for one whose request is still read to its end.
 */
function closeConnectionsWithTheirRequest(server: FastifyInstance): void {
  /** What is still to come on each connection: an exchange counts until its request is read and its answer is out. */
  const pending = new Map<Socket, number>();
  let isClosing = false;
  const endIfIdle = (socket: Socket) => {
    if (isClosing && pending.get(socket) === 0) socket.destroySoon();
  };
  server.server.on("connection", (socket: Socket) => {
    pending.set(socket, 0);
    socket.once("close", () => pending.delete(socket));
    endIfIdle(socket);
  });
  server.addHook("onRequest", async ({ raw: request }, { raw: response }) => {
    const { socket } = request;
    for (const half of [request, response]) {
      if (!pending.has(socket)) return;
      pending.set(socket, (pending.get(socket) ?? 0) + 1);
      half.once("close", () => {
        if (!pending.has(socket)) return;
        pending.set(socket, (pending.get(socket) ?? 0) - 1);
        endIfIdle(socket);
      });
    }
  });
  server.addHook("preClose", async () => {
    isClosing = true;
    for (const socket of pending.keys()) endIfIdle(socket);
  });
}

/** A server that guards its doors and says every error as a problem; the gateway and the management API are registered on it. */
export function httpServer({ token, log = silentLog }: ServerOptions = {}): FastifyInstance {
  const server = fastify({
    exposeHeadRoutes: false,
    // What comes on an open connection while the server closes is answered, as it would be a moment before.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 2048 },
    frameworkErrors: (thrown, _request, reply) => {
      void sendProblem(reply, badRequest(thrown.message));
    },
    clientErrorHandler: (_thrown, socket) => {
      if (socket.writable) socket.end(notHttp);
    },
  });
  registerProblemAnswers(server, log);
  closeConnectionsWithTheirRequest(server);
  registerGuard(server, token);
  return server;
}
