import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { PassThrough, Readable, Writable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { TestContext } from "node:test";
import type { CliContext, CliIo } from "../../runtime/cli/context.ts";
import { runCli } from "../../runtime/cli/run-cli.ts";
import { IonError } from "../../runtime/contract/errors.ts";

/** What a server was asked. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What to answer: JSON with a status, or anything written by hand. */
export type Answer =
  | { readonly status?: number; readonly json: unknown }
  | { readonly write: (response: ServerResponse) => void };

export interface TestServer {
  readonly endpoint: string;
  readonly asked: readonly Asked[];
}

function send(response: ServerResponse, answer: Answer): void {
  if ("write" in answer) {
    answer.write(response);
    return;
  }
  const type = (answer.status ?? 200) < 400 ? "application/json" : "application/problem+json";
  response.writeHead(answer.status ?? 200, { "content-type": type });
  response.end(JSON.stringify(answer.json));
}

/** Serves on the loopback interface until the test ends. */
export async function serveRaw(t: TestContext, listener: RequestListener): Promise<{ endpoint: string }> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert(address !== null && typeof address === "object");
  return { endpoint: `http://127.0.0.1:${address.port}` };
}

/** Serves canned answers. A key is a method and a path without its query. */
export async function serve(t: TestContext, answers: Readonly<Record<string, Answer>>): Promise<TestServer> {
  const asked: Asked[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = "", url = "", headers } = request;
    asked.push({ method, url, headers, body: (await buffer(request)).toString("utf8") });
    const missing: Answer = problem(404, "not-found", `nothing is canned for ${method} ${url}`);
    send(response, answers[`${method} ${url.split("?")[0] ?? ""}`] ?? missing);
  };
  const { endpoint } = await serveRaw(t, (request, response) => {
    answer(request, response).catch((thrown: unknown) => response.destroy(IonError.from(thrown)));
  });
  return { endpoint, asked };
}

export function problem(status: number, code: string, detail: string): Answer {
  return { status, json: { type: "about:blank", title: code, status, detail, code } };
}

/** Answers with server-sent events and the event `end`. */
export function eventStream(items: readonly unknown[]): Answer {
  const text = items.map((item) => `event: trace\ndata: ${JSON.stringify(item)}\n\n`).join("");
  return {
    write(response) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(`${text}event: end\ndata: {}\n\n`);
    },
  };
}

/** Collects what is written. */
export class Sink extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString("utf8");
    done();
  }
}

const notExpected = (what: string) => (): never => {
  throw new Error(`${what} was not to be called`);
};

export interface RunOptions extends Partial<Omit<CliContext, "io">> {
  readonly stdin?: string;
  readonly io?: Partial<CliIo>;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function makeIo(stdout: Sink, stderr: Sink, { stdin, io }: RunOptions): CliIo {
  return {
    stdin: stdin === undefined ? new PassThrough().end() : Readable.from([Buffer.from(stdin)]),
    stdout,
    stderr,
    isTty: false,
    canAsk: false,
    colour: false,
    columns: Number.POSITIVE_INFINITY,
    rows: Number.POSITIVE_INFINITY,
    ...io,
  };
}

/** Runs a command line in this process. Unless told otherwise nothing answers at its endpoint. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const stdout = new Sink();
  const stderr = new Sink();
  const never = new AbortController().signal;
  const code = await runCli(argv, {
    endpoint: "http://127.0.0.1:1",
    version: "1.2.3",
    processStartedAt: 0,
    startLocal: notExpected("startLocal"),
    testModule: notExpected("testModule"),
    declarations: { check: notExpected("check"), synthesize: notExpected("synthesize") },
    signal: never,
    forceSignal: never,
    ...options,
    io: makeIo(stdout, stderr, options),
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}
