import { once } from "node:events";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { IonError } from "../contract/errors.ts";
import { isJsonObject, type JsonObject } from "../contract/json.ts";
import { type ClientOptions, problemError } from "../management/client.ts";
import { describeFileError } from "./arguments.ts";
import { toMultipart, type UploadFile } from "./multipart.ts";

/** What the gateway answers. */
export interface RaisedEvent {
  readonly eventId: string;
  readonly correlationId: string;
  /** Where the flow can be followed. */
  readonly follow: string;
}

/** An event to raise: an address for the pipeline's `frontapi.new_link`, or a type with data and files. */
export type NewEvent =
  | { readonly url: string }
  | { readonly type: string; readonly data: JsonObject; readonly files: readonly UploadFile[] };

interface Content {
  readonly path: string;
  readonly contentType: string;
  readonly body: AsyncIterable<Buffer> | readonly Buffer[];
}

function toContent(event: NewEvent): Content {
  const json = (data: unknown) => ({
    contentType: "application/json",
    body: [Buffer.from(JSON.stringify(data))],
  });
  if ("url" in event) return { path: "/", ...json({ url: event.url }) };
  const { type, data, files } = event;
  const path = `/events/${encodeURIComponent(type)}`;
  return { path, ...(files.length === 0 ? json(data) : toMultipart(data, files)) };
}

/** Sends a body no faster than it is taken: `fetch` would hold what has not been sent yet in memory. */
async function post(url: URL, headers: Record<string, string>, body: Content["body"], signal?: AbortSignal) {
  const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
    method: "POST",
    headers,
    ...(signal !== undefined && { signal }),
  });
  const answered: Promise<IncomingMessage[]> = once(request, "response");
  // Its failure fails `answered`, save after an early answer, which then says more than a broken pipe.
  pipeline(body, request).catch(() => undefined);
  const [response] = await answered;
  if (response === undefined) throw new IonError("unavailable", "the connection closed without an answer");
  const content = await text(response);
  // After an early answer nobody wants the rest of the files.
  request.destroy();
  return { status: response.statusCode ?? 0, content };
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    // A page of whatever else listens there: the status says all there is.
    return undefined;
  }
}

function toNetworkError(cause: unknown, endpoint: string): IonError {
  const syscall = cause instanceof Error && "syscall" in cause ? cause.syscall : undefined;
  const message =
    syscall === "connect" || syscall === "getaddrinfo"
      ? `no Ion answers at ${endpoint}: start one with \`ion local\`, or name another with --endpoint`
      : `cannot send the event to ${endpoint}: ${describeFileError(cause)}; send it again, and with --key it is one event`;
  return new IonError("unavailable", message, { cause });
}

/**
 * Raises an event through the gateway.
 *
 * @param key idempotency key: the same key twice is one event
 * @throws IonError with the code of Ion's answer; `unavailable` when nothing answers
 */
export async function raiseEvent(
  event: NewEvent,
  key: string | undefined,
  { endpoint, token, signal }: ClientOptions,
): Promise<RaisedEvent> {
  const { path, contentType, body } = toContent(event);
  const headers = {
    "content-type": contentType,
    ...(key !== undefined && { "idempotency-key": key }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const { status, content } = await post(new URL(path, endpoint), headers, body, signal).catch(
    (cause: unknown) => {
      throw toNetworkError(cause, endpoint);
    },
  );
  const answer = parse(content);
  if (status === 202 && isRaisedEvent(answer)) return answer;
  throw problemError(answer, status, endpoint);
}

function isRaisedEvent(answer: unknown): answer is RaisedEvent {
  if (!isJsonObject(answer)) return false;
  return [answer.eventId, answer.correlationId, answer.follow].every((value) => typeof value === "string");
}
