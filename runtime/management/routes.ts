import { Readable } from "node:stream";
import type { FastifyInstance, FastifyPluginAsync, FastifyReply } from "fastify";
import type { PipelineSpec } from "../contract/check.ts";
import { type Clock, systemClock } from "../contract/clock.ts";
import { IonError } from "../contract/errors.ts";
import { findEventTypeProblem, findModuleNameProblem } from "../contract/names.ts";
import type { Blobs } from "../ports/blobs.ts";
import type { Bus, DeadLetter } from "../ports/bus.ts";
import type { Deployments } from "../ports/deployments.ts";
import type { Executor } from "../ports/executor.ts";
import type { DeadLetterDetail, InsightAnswer, PageAnswer } from "./api.ts";
import { getDeadLetter, listDeadLetters, replayDeadLetters, toDeadLetterSummary } from "./dead-letters.ts";
import { sendFile } from "./files.ts";
import { type FlowSources, flowReader, listFlows, locate } from "./flows.ts";
import { followFlow, toEventStream } from "./follow.ts";
import { followLog, getAttempt, readLog } from "./logs.ts";
import { listModules } from "./modules.ts";
import type { ProgressBoard } from "./progress.ts";
import { findFlow } from "./read-flow.ts";
import { readAttempt, readFlag, readPage, readQuery, readSelector, readTime, requireId } from "./requests.ts";
import { toAttempts, toFileNode, toIso } from "./trace.ts";

export interface ManagementOptions extends FlowSources {
  readonly bus: Bus;
  readonly blobs: Blobs;
  readonly executor: Pick<Executor, "logs">;
  /** @default every module counts as ready */
  readonly deployments?: Deployments;
  /** Asked for each request: declarations may change while Ion runs. */
  readonly pipeline: () => PipelineSpec;
  readonly progress: ProgressBoard;
  /** Gives a dead letter another life. */
  readonly replay: (letter: DeadLetter) => Promise<void>;
  readonly clock?: Clock;
}

interface Context extends ManagementOptions {
  readonly clock: Clock;
  /** Aborts when the server closes. */
  readonly closing: AbortSignal;
}

const maxBodyBytes = 64 * 1024;

/** A signal that ends what is streamed to a client that went away, or by a server that closes. */
function streamSignal(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  return AbortSignal.any([gone.signal, closing]);
}

function checkNames({ module, type }: { module?: string; type?: string }): void {
  const problem =
    (module === undefined ? undefined : findModuleNameProblem(module)) ??
    (type === undefined ? undefined : findEventTypeProblem(type));
  if (problem !== undefined) throw new IonError("invalid", problem.slice(0, 500));
}

/** A misspelt name would select nothing, and look as if there were nothing. */
function requireKnown(pipeline: PipelineSpec, { module, type }: { module?: string; type?: string }): void {
  checkNames({ ...(module !== undefined && { module }), ...(type !== undefined && { type }) });
  const modules = pipeline.modules.map(({ name }) => name);
  if (module !== undefined && !modules.includes(module)) {
    const known = modules.slice(0, 20).join(", ");
    throw new IonError(
      "not-found",
      `pipeline '${pipeline.name}' has no module '${module}': its modules are ${known}`,
    );
  }
  if (type !== undefined && !Object.hasOwn(pipeline.events, type)) {
    throw new IonError("not-found", `pipeline '${pipeline.name}' has no event type '${type}'`);
  }
}

function requireFlow<Flow>(flow: Flow | undefined, id: string): Flow {
  if (flow !== undefined) return flow;
  throw new IonError(
    "not-found",
    `there is no flow '${id}': 'ion submit' prints the id of the flow it begins`,
  );
}

function registerFlows(server: FastifyInstance, context: Context): void {
  const { documents, progress, clock, closing } = context;
  server.get("/api/flows", ({ query }) => listFlows(documents, readPage(readQuery(query, "size", "after"))));
  server.get<{ Params: { id: string } }>("/api/flows/:id", async ({ params, query }) => {
    readQuery(query);
    const id = requireId("the flow", params.id);
    return requireFlow(await flowReader(context, id)(), id);
  });
  server.get<{ Params: { id: string } }>("/api/flows/:id/follow", async ({ params, query }, reply) => {
    readQuery(query);
    const id = requireId("the flow", params.id);
    const readFlow = flowReader(context, id);
    const read = async () => requireFlow(await readFlow(), id);
    // Before the stream begins: an unknown flow is an error, not an empty stream.
    await read();
    const signal = streamSignal(reply, closing);
    const changes = [documents.watch(id, signal), progress.watch(signal)];
    const traces = followFlow({ read, changes, clock, signal });
    return reply
      .header("cache-control", "no-store")
      .type("text/event-stream")
      .send(Readable.from(toEventStream(traces, { clock, signal })));
  });
}

function registerLogs(server: FastifyInstance, context: Context): void {
  server.get<{ Params: { id: string } }>("/api/executions/:id/logs", async ({ params, query }, reply) => {
    const fields = readQuery(query, "attempt", "follow");
    const follow = readFlag("follow", fields.follow);
    const id = requireId("the execution", params.id);
    const attempt = await getAttempt(context.documents, id, readAttempt(fields.attempt));
    const log = follow
      ? Readable.from(followLog(context, attempt, streamSignal(reply, context.closing)))
      : await readLog(context, attempt);
    return reply.header("x-content-type-options", "nosniff").type("text/plain; charset=utf-8").send(log);
  });
}

async function describeDeadLetter(context: Context, letter: DeadLetter): Promise<DeadLetterDetail> {
  const { correlationid, data, id } = letter.event;
  const summary = toDeadLetterSummary(letter);
  const flow = await findFlow(context.documents, correlationid);
  const files = flow?.events.find(({ event }) => event.id === id)?.files ?? [];
  const locations = await locate(context, files, new Map());
  return {
    ...summary,
    data,
    files: files.map((file) => toFileNode(file, locations)),
    attempts: toAttempts(flow?.logs.get(summary.executionId)),
  };
}

function registerDeadLetters(server: FastifyInstance, context: Context): void {
  const { bus, pipeline, replay } = context;
  server.get("/api/dead-letters", async ({ query }) => {
    const { size, after, ...filter } = readQuery(query, "module", "type", "code", "size", "after");
    requireKnown(pipeline(), filter);
    const page = readPage({ ...(size !== undefined && { size }), ...(after !== undefined && { after }) });
    const { items, next } = await listDeadLetters(bus, pipeline(), filter, page);
    return { items: items.map(toDeadLetterSummary), ...(next !== undefined && { next }) };
  });
  server.get<{ Params: { eventId: string } }>("/api/dead-letters/:eventId", async ({ params, query }) => {
    const filter = readQuery(query, "module");
    requireKnown(pipeline(), filter);
    const eventId = requireId("the event", params.eventId);
    return describeDeadLetter(context, await getDeadLetter(bus, pipeline(), eventId, filter.module));
  });
  server.post("/api/dead-letters/replay", { bodyLimit: maxBodyBytes }, async ({ body, query }) => {
    readQuery(query);
    const selector = readSelector(body);
    requireKnown(pipeline(), selector);
    return replayDeadLetters(bus, pipeline(), selector, replay);
  });
}

function registerInsights(server: FastifyInstance, { documents }: Context): void {
  server.get("/api/insights", async ({ query }): Promise<PageAnswer<InsightAnswer>> => {
    const { module, since, size, after } = readQuery(query, "module", "since", "size", "after");
    if (module === undefined) {
      throw new IonError(
        "invalid",
        "query parameter 'module' is missing: name the module whose insights are wanted",
      );
    }
    checkNames({ module });
    const filter = { module, ...(since !== undefined && { since: readTime("since", since) }) };
    const page = readPage({ ...(size !== undefined && { size }), ...(after !== undefined && { after }) });
    const { items, next } = await documents.insights(filter, page);
    const answers = items.map(({ flow, executionId, eventId, insight, time }) => ({
      module,
      correlationId: flow,
      executionId,
      eventId,
      insight,
      time: toIso(time),
    }));
    return { items: answers, ...(next !== undefined && { next }) };
  });
}

/** Answers what there is to know of flows, modules and dead letters, and replays the latter. Paths and answers are in api.ts. */
export const management: FastifyPluginAsync<ManagementOptions> = async (server, options) => {
  const closing = new AbortController();
  server.addHook("preClose", async () => closing.abort());
  server.removeContentTypeParser("text/plain");
  const context: Context = { clock: systemClock, ...options, closing: closing.signal };
  registerFlows(server, context);
  registerLogs(server, context);
  registerDeadLetters(server, context);
  registerInsights(server, context);
  server.get("/api/modules", async ({ query }) => {
    readQuery(query);
    return { modules: await listModules(options, options.pipeline()) };
  });
  server.get<{ Params: { "*": string } }>("/api/files/*", async ({ params, query, headers }, reply) => {
    readQuery(query);
    return sendFile(reply, options.blobs, params["*"], headers.range);
  });
};
