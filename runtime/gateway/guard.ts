import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { IonError } from "../contract/errors.ts";
import { sendProblem } from "./problem.ts";

/** Asked by whoever watches the process, who has no token. */
const openPaths = new Set(["/healthz", "/readyz"]);

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);
const loopbackAddress = /^(127\.|::1$|::ffff:127\.)/;

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

function carriesToken({ headers }: FastifyRequest, expected: Buffer): boolean {
  const [, given] = /^Bearer +([^\s]+) *$/i.exec(headers.authorization ?? "") ?? [];
  // Digests are equally long, so that the comparison takes the same time for every guess.
  return given !== undefined && timingSafeEqual(digest(given), expected);
}

const hostNameOf = (address: string): string | undefined =>
  URL.canParse(address) ? new URL(address).hostname : undefined;

/**
 * Refuses what a foreign web page in the browser of this machine sends: by a name that it made to
 * lead here (DNS rebinding), or straight from its own origin.
 */
function requireLocalSender({ headers }: FastifyRequest): void {
  const host = hostNameOf(`http://${headers.host ?? ""}`);
  if (host === undefined || !loopbackNames.has(host)) {
    throw new IonError(
      "denied",
      `the Host header names '${(headers.host ?? "").slice(0, 100)}': without a token only localhost, 127.0.0.1 and [::1] are answered`,
    );
  }
  const { origin } = headers;
  if (origin === undefined || loopbackNames.has(hostNameOf(origin) ?? "")) return;
  throw new IonError(
    "denied",
    `the request comes from the web page '${origin.slice(0, 100)}': without a token only pages of this machine are answered`,
  );
}

function listensOnLoopbackOnly(server: FastifyInstance): boolean {
  return server
    .addresses()
    .every((address) => typeof address === "string" || loopbackAddress.test(address.address));
}

/**
 * Lets in who may come in: with a token those who bear it; without one, on a server that only this
 * machine reaches, everybody but foreign web pages.
 */
export function registerGuard(server: FastifyInstance, token?: string): void {
  const expected = token === undefined ? undefined : digest(token);
  server.addHook("onRequest", async (request, reply) => {
    if (openPaths.has(request.url.split("?", 1)[0] ?? "")) return;
    if (expected === undefined) {
      if (listensOnLoopbackOnly(server)) requireLocalSender(request);
      return;
    }
    if (carriesToken(request, expected)) return;
    reply.header("www-authenticate", 'Bearer realm="ion"');
    return sendProblem(reply, {
      status: 401,
      detail: "the request bears no token that is known here: send 'Authorization: Bearer <token>'",
      code: "denied",
    });
  });
}
