import type { Filter } from "../contract/event.ts";
import type { EventGraph, GraphEdge, GraphEnd } from "../contract/graph.ts";

/** How a node is drawn. */
export type NodeKind = "gateway" | "module" | "unreachable" | "flow-end" | "dead-end";

export interface GraphNode {
  /** Letters, digits and `_`: safe in every format. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly label: string;
}

/** What stands on an arrow. */
export interface ArrowLabel {
  /** The event type, or whose files come. */
  readonly text: string;
  /** Empty when every event goes this way. */
  readonly filter: string;
}

/** All that goes from one node to another in the same way. */
export interface GraphArrow {
  readonly from: string;
  readonly to: string;
  readonly kind: "event" | "join" | "dead-end";
  readonly labels: readonly ArrowLabel[];
}

const toId = (prefix: string, name: string): string =>
  `${prefix}_${name.replaceAll(/[^A-Za-z0-9]/g, (character) => `_${character.charCodeAt(0)}_`)}`;

function idOf(end: GraphEnd): string {
  switch (end.kind) {
    case "module":
      return toId("module", end.name);
    case "dead-end":
      return toId("nobody", end.type);
    case "gateway":
    case "flow-end":
      return end.kind.replace("-", "_");
  }
}

/** `kind = video | image`; alternatives of a whole filter are parted by `or`. */
function describeFilters(filters: readonly Filter[]): string {
  const describe = (filter: Filter) =>
    Object.entries(filter)
      .map(([field, value]) => `${field} = ${Array.isArray(value) ? value.join(" | ") : String(value)}`)
      .join(", ");
  return filters.map(describe).join(" or ");
}

const describeEdge = ({ type, filters, isJoin }: GraphEdge): ArrowLabel => ({
  text: isJoin ? `files of ${type}` : type,
  filter: describeFilters(filters),
});

/** A label on one line. */
export const toText = ({ text, filter }: ArrowLabel): string =>
  filter === "" ? text : `${text} [${filter}]`;

/** The nodes of a graph: where events come in, the modules, and where events end. */
export function listNodes({ modules, edges, deadEnds }: EventGraph): GraphNode[] {
  const isUsed = (kind: GraphEnd["kind"]) => edges.some(({ from }) => from.kind === kind);
  return [
    ...(isUsed("gateway") ? [{ id: "gateway", kind: "gateway", label: "gateway" } as const] : []),
    ...modules.map(({ name, isReachable }): GraphNode => {
      const kind = isReachable ? "module" : "unreachable";
      return { id: idOf({ kind: "module", name }), kind, label: name };
    }),
    ...(isUsed("flow-end") ? [{ id: "flow_end", kind: "flow-end", label: "end of the flow" } as const] : []),
    ...deadEnds.map((type): GraphNode => {
      return { id: idOf({ kind: "dead-end", type }), kind: "dead-end", label: "nobody" };
    }),
  ];
}

/** The arrows between nodes, with parallel edges of one kind as one. */
export function listArrows({ edges }: EventGraph): GraphArrow[] {
  const arrows = new Map<string, { arrow: GraphArrow; labels: ArrowLabel[] }>();
  for (const edge of edges) {
    const [from, to] = [idOf(edge.from), idOf(edge.to)];
    const kind = edge.isJoin ? "join" : edge.to.kind === "dead-end" ? "dead-end" : "event";
    const key = `${from} ${to} ${kind}`;
    const known = arrows.get(key);
    const labels = known?.labels ?? [];
    labels.push(describeEdge(edge));
    if (known === undefined) arrows.set(key, { arrow: { from, to, kind, labels }, labels });
  }
  return [...arrows.values()].map(({ arrow }) => arrow);
}
