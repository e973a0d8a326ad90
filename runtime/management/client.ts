import { IonError, isErrorCode } from "../contract/errors.ts";
import { isJsonObject } from "../contract/json.ts";
import {
  type DeadLetterDetail,
  type DeadLetterSummary,
  type FlowSummary,
  type FlowTrace,
  type InsightAnswer,
  type ModulesAnswer,
  managementPaths,
  type PageAnswer,
  type ReplayAnswer,
  type ReplaySelector,
} from "./api.ts";
import { readServerSentEvents } from "./server-sent-events.ts";

export interface ClientOptions {
  /** Where Ion answers, e.g. `http://127.0.0.1:9001`. */
  readonly endpoint: string;
  readonly token?: string;
  /** Ends every call. */
  readonly signal?: AbortSignal;
}

export interface PageQuery {
  /** 1 to 1,000. @default 100 */
  readonly size?: number;
  readonly after?: string;
}

export interface DeadLetterQuery extends PageQuery {
  readonly module?: string;
  readonly type?: string;
  /** The reason's code. */
  readonly code?: string;
}

/**
 * Asks a running Ion. Every method throws IonError: with the code of Ion's answer; `unavailable`
 * when nothing answers at the endpoint; `terminal` when the call was aborted.
 */
export interface ManagementClient {
  listFlows(query?: PageQuery): Promise<PageAnswer<FlowSummary>>;
  getFlow(correlationId: string): Promise<FlowTrace>;
  /** The flow now and after each change; ends once it has completed. */
  followFlow(correlationId: string): AsyncIterable<FlowTrace>;
  /** What the module printed. With `follow` it ends with the attempt. @default the current attempt */
  readLogs(
    executionId: string,
    options?: { readonly attempt?: number; readonly follow?: boolean },
  ): Promise<ReadableStream<Uint8Array>>;
  listDeadLetters(query?: DeadLetterQuery): Promise<PageAnswer<DeadLetterSummary>>;
  /** The module is needed only where several set the event aside. */
  getDeadLetter(eventId: string, module?: string): Promise<DeadLetterDetail>;
  replay(selector: ReplaySelector): Promise<ReplayAnswer>;
  listModules(): Promise<ModulesAnswer>;
  /** Newest first. */
  listInsights(
    query: PageQuery & { readonly module: string; readonly since?: Date },
  ): Promise<PageAnswer<InsightAnswer>>;
  readFile(blob: string): Promise<ReadableStream<Uint8Array>>;
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Reads a problem answer; what is none was not answered by Ion.
 *
 * @param answer the body, parsed
 */
export function problemError(answer: unknown, status: number, endpoint: string): IonError {
  if (isJsonObject(answer) && isErrorCode(answer.code) && typeof answer.detail === "string") {
    return new IonError(answer.code, answer.detail);
  }
  return new IonError(
    "unavailable",
    `what answers at ${endpoint} with status ${status} is no Ion: name another with --endpoint`,
  );
}

function makeUrl(endpoint: string, path: string, query: Query): URL {
  if (!URL.canParse(path, endpoint)) {
    throw new IonError(
      "invalid",
      `endpoint '${endpoint}' is not an address: use a form such as http://127.0.0.1:9001`,
    );
  }
  const url = new URL(path, endpoint);
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  return url;
}

function toNetworkError(thrown: unknown, { endpoint, signal }: ClientOptions): IonError {
  if (thrown instanceof IonError) return thrown;
  if (signal?.aborted === true) return new IonError("terminal", "the call was ended", { cause: thrown });
  return new IonError(
    "unavailable",
    `no Ion answers at ${endpoint}: start one with \`ion local\`, or name another with --endpoint`,
    { cause: thrown },
  );
}

/** Makes the client of one endpoint; nothing is sent before the first call. */
export function managementClient(options: ClientOptions): ManagementClient {
  const { endpoint, token, signal } = options;

  async function call(path: string, query: Query = {}, body?: unknown): Promise<Response> {
    const url = makeUrl(endpoint, path, query);
    const response = await fetch(url, {
      ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(signal !== undefined && { signal }),
    }).catch((thrown: unknown) => {
      throw toNetworkError(thrown, options);
    });
    if (!response.ok) {
      const answer: unknown = await response.json().catch(() => undefined);
      throw problemError(answer, response.status, endpoint);
    }
    return response;
  }

  async function ask<Answer>(path: string, query: Query = {}, body?: unknown): Promise<Answer> {
    const response = await call(path, query, body);
    try {
      // The type is the server's promise: client and server are built from one api.ts.
      return (await response.json()) as Answer;
    } catch (thrown) {
      throw toNetworkError(thrown, options);
    }
  }

  async function stream(path: string, query: Query = {}): Promise<ReadableStream<Uint8Array>> {
    return (await call(path, query)).body ?? ReadableStream.from<Uint8Array>([]);
  }

  async function* followFlow(correlationId: string): AsyncGenerator<FlowTrace, void, undefined> {
    const body = await stream(managementPaths.follow(correlationId));
    try {
      for await (const { event, data } of readServerSentEvents(body)) {
        if (event === "end") return;
        yield JSON.parse(data) as FlowTrace;
      }
    } catch (thrown) {
      throw toNetworkError(thrown, options);
    }
    throw new IonError("unavailable", `${endpoint} stopped before flow '${correlationId}' had completed`);
  }

  return {
    listFlows: (query = {}) => ask(managementPaths.flows, { ...query }),
    getFlow: (correlationId) => ask(managementPaths.flow(correlationId)),
    followFlow,
    readLogs: (executionId, query = {}) => stream(managementPaths.logs(executionId), { ...query }),
    listDeadLetters: (query = {}) => ask(managementPaths.deadLetters, { ...query }),
    getDeadLetter: (eventId, module) => ask(managementPaths.deadLetter(eventId), { module }),
    replay: (selector) => ask(managementPaths.replay, {}, selector),
    listModules: () => ask(managementPaths.modules),
    listInsights: ({ since, ...query }) =>
      ask(managementPaths.insights, { ...query, since: since?.toISOString() }),
    readFile: (blob) => stream(managementPaths.file(blob)),
  };
}
