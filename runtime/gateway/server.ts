import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import { registerGuard } from "./guard.ts";
import { problemJson, registerProblemAnswers, sendProblem } from "./problem.ts";

export interface ServerOptions {
  /** Whoever asks must bear it. @default anybody who reaches the server may ask */
  readonly token?: string;
  /** @default nothing is logged */
  readonly logger?: FastifyBaseLogger;
}

const badRequest = (detail: string) => ({ status: 400, detail, code: "invalid" }) as const;

/** What is no HTTP gets an answer too, as long as its connection can carry one. */
const notHttp = (() => {
  const body = problemJson(badRequest("the request is not valid HTTP"));
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}`;
  return `${head}\r\nconnection: close\r\n\r\n${body}`;
})();

/** A server that guards its doors and says every error as a problem; the gateway and the management API are registered on it. */
export function httpServer({ token, logger }: ServerOptions = {}): FastifyInstance {
  const server = fastify({
    ...(logger === undefined ? { logger: false } : { loggerInstance: logger }),
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 2048 },
    frameworkErrors: (thrown, _request, reply) => {
      void sendProblem(reply, badRequest(thrown.message));
    },
    clientErrorHandler: (_thrown, socket) => {
      if (socket.writable) socket.end(notHttp);
    },
  });
  registerProblemAnswers(server);
  registerGuard(server, token);
  return server;
}
