import type { EventGraph } from "../contract/graph.ts";
import {
  type GraphArrow,
  type GraphNode,
  listArrows,
  listNodes,
  type NodeKind,
  toText,
} from "./graph-arrows.ts";

const quote = (text: string): string => `"${text.replaceAll(/[\\"]/g, "\\$&")}"`;

const looks: Readonly<Record<NodeKind, string>> = {
  gateway: "shape=oval",
  module: "shape=box style=rounded",
  unreachable: 'shape=box style="rounded,dashed" color=red',
  "flow-end": "shape=oval",
  "dead-end": "shape=circle style=dashed",
};

function renderNode({ id, kind, label }: GraphNode): string {
  const text = kind === "unreachable" ? `${label}: never runs` : label;
  return `${id} [label=${quote(text)} ${looks[kind]}];`;
}

function renderArrow({ from, to, kind, labels }: GraphArrow): string {
  const label = labels.map((each) => quote(toText(each)).slice(1, -1)).join("\\n");
  return `${from} -> ${to} [label="${label}"${kind === "event" ? "" : " style=dashed"}];`;
}

/** Draws a graph in the language of Graphviz. https://graphviz.org/doc/info/lang.html */
export function renderDot(graph: EventGraph): string {
  const lines = [
    `digraph ${quote(graph.name)} {`,
    "  rankdir=LR;",
    ...listNodes(graph).map((node) => `  ${renderNode(node)}`),
    ...listArrows(graph).map((arrow) => `  ${renderArrow(arrow)}`),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}
