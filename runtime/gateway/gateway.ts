import multipart from "@fastify/multipart";
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { IonError } from "../contract/errors.ts";
import { isJsonObject, type JsonObject } from "../contract/json.ts";
import { type AcceptOptions, accepting, type Submission } from "./accept.ts";
import { InvalidEvent } from "./invalid-event.ts";
import { multipartOptions, readParts } from "./multipart.ts";
import type { Part } from "./receive.ts";

/** Largest JSON body, in bytes: more than any event may have, so that the event's own limit speaks first. */
const maxBodyBytes = 256 * 1024;

/** The event that `POST /` raises. */
const newLinkType = "frontapi.new_link";

export interface GatewayOptions extends AcceptOptions {
  /** Rejects, with what is missing, while Ion can't take events. @default always ready */
  readonly ready?: () => Promise<void>;
}

type Context = Pick<Submission, "key" | "traceparent">;

function readContext({ headers }: FastifyRequest): Context {
  const key = headers["idempotency-key"];
  if (key !== undefined && (typeof key !== "string" || !/^[\x21-\x7e]{1,255}$/.test(key))) {
    throw new IonError(
      "invalid",
      "the Idempotency-Key header must have 1 to 255 visible ASCII characters and stand there once",
    );
  }
  const { traceparent } = headers;
  // A broken traceparent is ignored, as the standard asks. https://www.w3.org/TR/trace-context/#traceparent-header
  const isTrace = typeof traceparent === "string" && /^[0-9a-f]{2}(-[0-9a-f]+){3}$/.test(traceparent);
  return { ...(key !== undefined && { key }), ...(isTrace && { traceparent }) };
}

function requireObject(body: unknown): JsonObject {
  if (isJsonObject(body)) return body;
  throw new IonError(
    "invalid",
    "the body must be a JSON object, sent as application/json; files come as multipart/form-data",
  );
}

async function* onlyData(data: JsonObject): AsyncGenerator<Part> {
  yield { kind: "data", data };
}

function requireUrl(body: unknown): JsonObject {
  const data = requireObject(body);
  if (typeof data.url === "string") return data;
  throw new InvalidEvent('the body must have a link, such as {"url": "https://…"}', [
    { path: "/url", message: data.url === undefined ? "is missing" : "must be a string" },
  ]);
}

/** Refuses a form by its announced size, before a byte of it is stored. */
function requireWithin({ headers }: FastifyRequest, maxUploadBytes: number): void {
  // The form's own lines and its data come on top of the files.
  const most = maxUploadBytes + 2 * 2 ** 20;
  if (Number(headers["content-length"] ?? 0) <= most) return;
  throw new IonError(
    "limit",
    `the upload has more than ${maxUploadBytes} bytes, which is the gateway's limit: send fewer or smaller files`,
  );
}

function registerProbes(server: FastifyInstance, ready: () => Promise<void>): void {
  server.get("/healthz", async () => ({ status: "up" }));
  server.get("/readyz", async () => {
    try {
      await ready();
    } catch (thrown) {
      const { message } = IonError.from(thrown);
      throw new IonError("unavailable", `Ion is not ready: ${message}`, { cause: thrown });
    }
    return { status: "ready" };
  });
}

/** Takes events in over HTTP: `POST /` for a link, `POST /events/:type` for any of the pipeline's sources. */
export const gateway: FastifyPluginAsync<GatewayOptions> = async (server, options) => {
  const { maxUploadBytes = Number.POSITIVE_INFINITY, ready = async () => {} } = options;
  const accept = accepting(options);
  server.removeContentTypeParser("text/plain");
  await server.register(multipart, multipartOptions(maxBodyBytes));

  async function answer(reply: FastifyReply, submission: Submission): Promise<FastifyReply> {
    const accepted = await accept(submission);
    const follow = `/api/flows/${accepted.correlationId}`;
    return reply
      .code(202)
      .header("location", follow)
      .send({ ...accepted, follow });
  }

  server.post("/", { bodyLimit: maxBodyBytes }, async (request, reply) => {
    const context = readContext(request);
    return answer(reply, { ...context, type: newLinkType, parts: onlyData(requireUrl(request.body)) });
  });

  server.post<{ Params: { type: string } }>(
    "/events/:type",
    { bodyLimit: maxBodyBytes },
    async (request, reply) => {
      const { type } = request.params;
      const submission = { ...readContext(request), type };
      if (!request.isMultipart()) {
        return answer(reply, { ...submission, parts: onlyData(requireObject(request.body)) });
      }
      requireWithin(request, maxUploadBytes);
      return answer(reply, { ...submission, parts: readParts(request, maxBodyBytes) });
    },
  );

  registerProbes(server, ready);
};
