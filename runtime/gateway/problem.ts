import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type ErrorCode, IonError } from "../contract/errors.ts";
import type { Log } from "../contract/log.ts";
import { findAllowedMethods } from "./allowed-methods.ts";
import { InvalidEvent } from "./invalid-event.ts";

/** An error's answer. https://www.rfc-editor.org/rfc/rfc9457 */
interface Problem {
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

const statusByCode: Readonly<Record<ErrorCode, number>> = {
  "not-found": 404,
  conflict: 409,
  invalid: 400,
  unavailable: 503,
  denied: 403,
  limit: 413,
  terminal: 409,
};

const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  431: "Request Header Fields Too Large",
  503: "Service Unavailable",
};

/** What the error handler makes of an error that Fastify or one of its plugins throws. */
function codeOf(status: number): ErrorCode {
  if (status === 413) return "limit";
  return status === 404 ? "not-found" : status < 500 ? "invalid" : "unavailable";
}

function statusOf(thrown: unknown): number | undefined {
  const status = thrown instanceof Error && "statusCode" in thrown ? thrown.statusCode : undefined;
  return typeof status === "number" && status >= 400 ? status : undefined;
}

/** Fastify's own words, with the rule and the next step where they lack them. */
function describe(status: number, message: string, { headers, routeOptions }: FastifyRequest): string {
  if (status === 413) {
    return `the body has more than ${routeOptions.bodyLimit} bytes, which is the limit: send large content as a file`;
  }
  if (status !== 415) return message;
  const given = (headers["content-type"] ?? "").slice(0, 100);
  return `content type '${given}' is not taken: send application/json; an event's files come as multipart/form-data`;
}

function toProblem(thrown: unknown, request: FastifyRequest): Problem {
  if (thrown instanceof InvalidEvent) {
    return { status: 422, detail: thrown.message, code: thrown.code, errors: thrown.fields };
  }
  if (thrown instanceof IonError) {
    return { status: statusByCode[thrown.code], detail: thrown.message, code: thrown.code };
  }
  const status = statusOf(thrown);
  if (status !== undefined && status < 500 && thrown instanceof Error) {
    return { status, detail: describe(status, thrown.message, request), code: codeOf(status) };
  }
  // What an unexpected error says may be meant for nobody outside: it is in the log.
  return {
    status: status === 503 ? 503 : 500,
    detail: "the request could not be handled: try again, then look into Ion's log",
    code: "unavailable",
  };
}

/** The answer as JSON text, without `instance`: the address asked for may hold what a log must not. */
export function problemJson({ status, detail, code, errors }: Problem): string {
  return JSON.stringify({
    type: "about:blank",
    title: titles[status] ?? (status < 500 ? "Bad Request" : "Internal Server Error"),
    status,
    detail,
    code,
    ...(errors !== undefined && errors.length > 0 && { errors }),
  });
}

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .type("application/problem+json")
    .send(Buffer.from(problemJson(problem)));
}

/** Makes every error of a server a problem answer (RFC 9457), unknown addresses and wrong methods included. Call it before routes are added. */
export function registerProblemAnswers(server: FastifyInstance, log: Log): void {
  const routes: { method: string; url: string }[] = [];
  server.addHook("onRoute", ({ method, url }) => {
    for (const each of [method].flat()) routes.push({ method: each, url });
  });
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "";
    const allowed = findAllowedMethods(routes, path);
    if (allowed.length === 0) {
      return sendProblem(reply, {
        status: 404,
        detail: `there is nothing at ${path.slice(0, 200)}`,
        code: "not-found",
      });
    }
    const detail = `${request.method} is not possible at ${path.slice(0, 200)}: use ${allowed.join(" or ")}`;
    return sendProblem(reply.header("allow", allowed.join(", ")), { status: 405, detail, code: "invalid" });
  });
  server.setErrorHandler((thrown, request, reply) => {
    const problem = toProblem(thrown, request);
    if (problem.status >= 500) {
      const { method, routeOptions } = request;
      log.error({ error: thrown, method, route: routeOptions.url }, "a request could not be handled");
    }
    return sendProblem(reply, problem);
  });
}
