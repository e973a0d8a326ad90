import type { EventGraph } from "../contract/graph.ts";
import { type GraphArrow, type GraphNode, listArrows, listNodes, toText } from "./graph-arrows.ts";

/** Mermaid reads `#35;` as the character 35. https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters */
const quote = (text: string): string =>
  `"${text.replaceAll(/[^\p{L}\p{N} ._=,[\]-]/gu, (character) => `#${character.codePointAt(0) ?? 63};`)}"`;

function renderNode({ id, kind, label }: GraphNode): string {
  switch (kind) {
    case "module":
      return `${id}[${quote(label)}]`;
    case "unreachable":
      return `${id}[${quote(`${label}: never runs`)}]:::unreachable`;
    case "gateway":
    case "flow-end":
      return `${id}([${quote(label)}])`;
    case "dead-end":
      return `${id}((${quote(label)})):::nobody`;
  }
}

function renderArrow({ from, to, kind, labels }: GraphArrow): string {
  const line = kind === "event" ? "-->" : "-.->";
  return `${from} ${line}|"${labels.map((label) => quote(toText(label)).slice(1, -1)).join("<br>")}"| ${to}`;
}

/** Draws a graph as a Mermaid flowchart. https://mermaid.js.org/syntax/flowchart.html */
export function renderMermaid(graph: EventGraph): string {
  const lines = [
    "flowchart LR",
    ...listNodes(graph).map((node) => `  ${renderNode(node)}`),
    ...listArrows(graph).map((arrow) => `  ${renderArrow(arrow)}`),
    "  classDef unreachable stroke:#c0392b,stroke-width:2px,stroke-dasharray:6 4",
    "  classDef nobody stroke-dasharray:3 3",
  ];
  return `${lines.join("\n")}\n`;
}
