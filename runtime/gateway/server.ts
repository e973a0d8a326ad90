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
 * Lets a closing server end with its last request. A connection whose request is still read to its
 * end when the server closes is not idle yet, and would be kept for its next request afterwards.
 */
function closeConnectionsWithTheirRequest(server: FastifyInstance): void {
  let isClosing = false;
  server.addHook("preClose", async () => {
    isClosing = true;
  });
  server.addHook("onRequest", async ({ raw }) => {
    raw.once("close", () => {
      if (isClosing) setImmediate(() => server.server.closeIdleConnections());
    });
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
