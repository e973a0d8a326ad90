import type { PipelineSpec } from "./check.ts";
import { type Filter, flowCompleted } from "./event.ts";
import type { Problem } from "./problem.ts";

/** An end of an edge: where events come from or go to. */
export type GraphEnd =
  | { readonly kind: "gateway" }
  | { readonly kind: "module"; readonly name: string }
  /** Raises `ion.flow_completed` when the last execution of a flow has ended. */
  | { readonly kind: "flow-end" }
  /** Nobody subscribes to the event type. */
  | { readonly kind: "dead-end"; readonly type: string };

/** Events of one type on their way from one end to another. */
export interface GraphEdge {
  readonly from: GraphEnd;
  readonly to: GraphEnd;
  readonly type: string;
  /** Filters of which any suffices; none when every event of the type goes this way. */
  readonly filters: readonly Filter[];
  /** Whether only the events' files are brought, at the flow's end. */
  readonly isJoin: boolean;
}

export interface EventGraph {
  readonly name: string;
  readonly modules: readonly { readonly name: string; readonly isReachable: boolean }[];
  readonly edges: readonly GraphEdge[];
  /** Event types that are provided and that nobody subscribes to. */
  readonly deadEnds: readonly string[];
}

/** Who provides each event type: sources, modules and the flow's end. */
function listProviders({ sources, modules }: PipelineSpec): Map<string, GraphEnd[]> {
  const providers = new Map<string, GraphEnd[]>([[flowCompleted.type, [{ kind: "flow-end" }]]]);
  const add = (type: string, end: GraphEnd) => providers.set(type, [...(providers.get(type) ?? []), end]);
  for (const type of new Set(sources)) add(type, { kind: "gateway" });
  for (const { name, emits } of modules)
    for (const type of new Set(emits)) add(type, { kind: "module", name });
  return providers;
}

/** The names of the modules that an event from a source can lead to. */
function findReachable({ sources, modules }: PipelineSpec): Set<string> {
  const provided = new Set([...sources, flowCompleted.type]);
  const reached = new Set<string>();
  let found: typeof modules;
  do {
    found = modules.filter(({ name, on }) => !reached.has(name) && on.some(({ type }) => provided.has(type)));
    for (const { name, emits } of found) {
      reached.add(name);
      for (const type of emits) provided.add(type);
    }
  } while (found.length > 0);
  return reached;
}

function listModuleEdges(
  { name, on, joins }: PipelineSpec["modules"][number],
  providers: ReadonlyMap<string, readonly GraphEnd[]>,
): GraphEdge[] {
  const to: GraphEnd = { kind: "module", name };
  const edges = (type: string, filters: readonly Filter[], isJoin: boolean) =>
    (providers.get(type) ?? []).map((from): GraphEdge => ({ from, to, type, filters, isJoin }));
  const subscribed = [...new Set(on.map(({ type }) => type))].flatMap((type) => {
    const filters = on.filter((entry) => entry.type === type).map(({ filter }) => filter);
    const takesAll = filters.some((filter) => Object.keys(filter).length === 0);
    return edges(type, takesAll ? [] : filters, false);
  });
  return [...subscribed, ...joins.flatMap((type) => edges(type, [], true))];
}

/**
 * Draws up the event graph of a pipeline, in the order of its declarations.
 *
 * @example
 * ```ts
 * makeGraph(media.spec).deadEnds; // ["file_transcoded", "report_ready"]
 * ```
 */
export function makeGraph(pipeline: PipelineSpec): EventGraph {
  const providers = listProviders(pipeline);
  const reachable = findReachable(pipeline);
  const wanted = new Set(pipeline.modules.flatMap(({ on }) => on.map(({ type }) => type)));
  const deadEnds = [...providers.keys()].filter((type) => type !== flowCompleted.type && !wanted.has(type));
  const ending = deadEnds.flatMap((type) =>
    (providers.get(type) ?? []).map(
      (from): GraphEdge => ({ from, to: { kind: "dead-end", type }, type, filters: [], isJoin: false }),
    ),
  );
  return {
    name: pipeline.name,
    modules: pipeline.modules.map(({ name }) => ({ name, isReachable: reachable.has(name) })),
    edges: [...pipeline.modules.flatMap((module) => listModuleEdges(module, providers)), ...ending],
    deadEnds,
  };
}

/** Finds the modules that can never run. */
export function checkReach(pipeline: PipelineSpec): Problem[] {
  const reachable = findReachable(pipeline);
  return pipeline.modules
    .filter(({ name }) => !reachable.has(name))
    .map(({ name, on }) => {
      const value = [...new Set(on.map(({ type }) => type))].join(", ");
      const message = `module '${name}' can never run: no source leads to '${value}', to which it subscribes`;
      return { module: name, field: "on", value, message };
    });
}
