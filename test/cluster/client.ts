import type { IncomingMessage } from "node:http";
import { Agent, request as startRequest } from "node:https";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { z } from "zod";

/** Whose rights a request uses. */
export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

export interface RequestOptions {
  readonly method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
  /** @default "application/json" */
  readonly contentType?: string;
  /** @default the administrator */
  readonly as?: Identity;
}

export interface Answer {
  readonly status: number;
  /** The texts of the `Warning` headers, which `kubectl` would print. */
  readonly warnings: readonly string[];
  /** Parsed JSON, or the text where the answer is none. */
  readonly body: unknown;
}

/** Speaks to an API server as its administrator, or as whom the administrator impersonates. */
export interface KubernetesClient {
  request(path: string, options?: RequestOptions): Promise<Answer>;
  /** Every change below a path, until the caller stops or the signal aborts. */
  watch(path: string, signal: AbortSignal): AsyncGenerator<unknown, void>;
  close(): void;
}

const statusBody = z.object({ kind: z.literal("Status"), message: z.string() });

/** What the server gave as its reason. */
export function readMessage({ body }: Answer): string {
  const status = statusBody.safeParse(body);
  return status.success ? status.data.message : JSON.stringify(body);
}

/** `299 - "unknown field \"spec.foo\""`, several of them joined by commas. https://www.rfc-editor.org/rfc/rfc7234#section-5.5 */
export function readWarnings(header: string | undefined): string[] {
  return Array.from((header ?? "").matchAll(/\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g), ([, words = ""]) =>
    words.replaceAll(/\\(.)/g, "$1"),
  );
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Health checks and some refusals answer in plain text.
    return body;
  }
}

function impersonate(identity: Identity | undefined): Record<string, string | string[]> {
  if (identity === undefined) return {};
  return { "impersonate-user": identity.user, "impersonate-group": [...identity.groups] };
}

/** Connects to `https://127.0.0.1:<port>`. */
export function kubernetesClient(server: { url: string; ca: string; token: string }): KubernetesClient {
  const agent = new Agent({ keepAlive: true, ca: server.ca, maxSockets: 16 });

  const send = (path: string, options: RequestOptions, signal?: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const request = startRequest(new URL(path, server.url), {
        agent,
        method: options.method ?? "GET",
        headers: {
          authorization: `Bearer ${server.token}`,
          accept: "application/json",
          "content-type": options.contentType ?? "application/json",
          ...impersonate(options.as),
        },
        ...(signal !== undefined && { signal }),
      });
      request.on("response", resolve).on("error", reject);
      request.end(options.body === undefined ? undefined : JSON.stringify(options.body));
    });

  return {
    request: async (path, options = {}) => {
      const response = await send(path, options);
      const body = await text(response);
      const { statusCode = 0, headers } = response;
      return { status: statusCode, warnings: readWarnings(headers.warning), body: parseBody(body) };
    },
    watch: async function* (path, signal) {
      const url = new URL(path, server.url);
      url.searchParams.set("watch", "1");
      const response = await send(`${url.pathname}${url.search}`, {}, signal);
      try {
        for await (const line of createInterface(response)) yield JSON.parse(line);
      } finally {
        response.destroy();
      }
    },
    close: () => agent.destroy(),
  };
}
