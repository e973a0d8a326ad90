import { type ErrorCode, IonError } from "../contract/errors.ts";
import { isJsonObject, type JsonObject } from "../contract/json.ts";
import type { ClientOptions } from "../management/client.ts";

/** What the gateway answers. */
export interface RaisedEvent {
  readonly eventId: string;
  readonly correlationId: string;
  /** Where the flow can be followed. */
  readonly follow: string;
}

/** A file that goes with an event; a blob of `fs.openAsBlob` is streamed from disk. */
export interface UploadFile {
  /** Relative; `/` between folders. */
  readonly path: string;
  readonly blob: Blob;
}

/** An event to raise: an address for the pipeline's `frontapi.new_link`, or a type with data and files. */
export type NewEvent =
  | { readonly url: string }
  | { readonly type: string; readonly data: JsonObject; readonly files: readonly UploadFile[] };

const codes: readonly ErrorCode[] = [
  "not-found",
  "conflict",
  "invalid",
  "unavailable",
  "denied",
  "limit",
  "terminal",
];

async function toError(response: Response, endpoint: string): Promise<IonError> {
  const problem: unknown = await response.json().catch(() => undefined);
  const code = isJsonObject(problem) ? codes.find((each) => each === problem.code) : undefined;
  if (isJsonObject(problem) && code !== undefined && typeof problem.detail === "string") {
    return new IonError(code, problem.detail);
  }
  const rule = `it answered with status ${response.status}; name another with --endpoint`;
  return new IonError("unavailable", `what listens at ${endpoint} is no Ion: ${rule}`);
}

/** The data goes first, so that the gateway checks it before a file is read. */
function toForm(data: JsonObject, files: readonly UploadFile[]): FormData {
  const form = new FormData();
  form.append("data", JSON.stringify(data));
  for (const { path, blob } of files) form.append("file", blob, path);
  return form;
}

function toRequest(event: NewEvent): { path: string; body: string | FormData } {
  if ("url" in event) return { path: "/", body: JSON.stringify({ url: event.url }) };
  const { type, data, files } = event;
  return {
    path: `/events/${encodeURIComponent(type)}`,
    body: files.length === 0 ? JSON.stringify(data) : toForm(data, files),
  };
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
  const { path, body } = toRequest(event);
  const response = await fetch(new URL(path, endpoint), {
    method: "POST",
    body,
    headers: {
      ...(typeof body === "string" && { "content-type": "application/json" }),
      ...(key !== undefined && { "idempotency-key": key }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(signal !== undefined && { signal }),
  }).catch((cause: unknown) => {
    const next = "start one with `ion local`, or name another with --endpoint";
    throw new IonError("unavailable", `no Ion answers at ${endpoint}: ${next}`, { cause });
  });
  if (!response.ok) throw await toError(response, endpoint);
  const answer: RaisedEvent = JSON.parse(await response.text());
  return answer;
}
