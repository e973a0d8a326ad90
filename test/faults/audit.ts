import { createHash } from "node:crypto";
import type { DocumentKind, DocumentOf } from "../../runtime/contract/documents.ts";
import type { Platform } from "../../runtime/main/platform.ts";
import { eachItem } from "../../runtime/ports/page.ts";
import type { FlowAudit } from "./settings.ts";

type Context = Platform["context"];

async function readAll<Kind extends DocumentKind>(
  { documents }: Context,
  flow: string,
  kind: Kind,
): Promise<DocumentOf<Kind>[]> {
  const stored = await Array.fromAsync(eachItem((page) => documents.query(flow, kind, page), 1_000));
  return stored.map(({ document }) => document);
}

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}

async function hasBytes({ blobs }: Context, blob: string, sha256: string): Promise<boolean> {
  const hash = createHash("sha256");
  for await (const chunk of await blobs.get(blob)) hash.update(chunk as Buffer);
  return hash.digest("hex") === sha256;
}

async function auditFlow(context: Context, flow: string): Promise<FlowAudit> {
  const [flows, events, executions, insights, commits, completed] = await Promise.all([
    readAll(context, flow, "flow"),
    readAll(context, flow, "event"),
    readAll(context, flow, "execution"),
    readAll(context, flow, "insight"),
    readAll(context, flow, "commit"),
    readAll(context, flow, "completed"),
  ]);
  const files = events.flatMap((event) => event.files);
  const checks = await Promise.all(
    files.map(({ blob, sha256 }) => hasBytes(context, blob, sha256).catch(() => false)),
  );
  return {
    flow,
    counts: { ...flows[0]?.counts },
    events: countBy(events, ({ event }) => event.type),
    succeeded: countBy(
      executions.filter(({ phase }) => phase === "succeeded"),
      ({ module }) => module,
    ),
    dead: countBy(
      executions.filter(({ phase }) => phase === "dead"),
      ({ module }) => module,
    ),
    errors: executions
      .filter(({ phase }) => phase === "dead")
      .map(({ error }) => `${error?.code}: ${error?.message}`),
    unfinished: executions.filter(({ phase }) => phase === "running" || phase === "waiting").length,
    insights: insights.length,
    commits: commits.length,
    completed: completed.length,
    goodFiles: checks.filter(Boolean).length,
    badFiles: checks.filter((good) => !good).length,
  };
}

/** Says what every flow came to. */
export async function auditFlows({ context }: Platform): Promise<FlowAudit[]> {
  const flows = await Array.fromAsync(eachItem((page) => context.documents.flows(page), 1_000));
  const audits: FlowAudit[] = [];
  for (const flow of flows) audits.push(await auditFlow(context, flow));
  return audits;
}

/** How many dead letters there are, over all subscriptions. */
export async function countDead({ context, pipeline }: Platform): Promise<number> {
  let dead = 0;
  for (const { name, on } of pipeline().modules) {
    for (const { type } of on) dead += (await context.bus.depth({ topic: type, module: name })).dead;
  }
  return dead;
}
