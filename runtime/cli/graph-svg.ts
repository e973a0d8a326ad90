import type { EventGraph } from "../contract/graph.ts";
import { type GraphArrow, type GraphNode, listArrows, listNodes } from "./graph-arrows.ts";
import { type LaidArrow, type LaidNode, type Layout, layOut, type Point } from "./graph-layout.ts";

const style = `
    text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2933; text-anchor: middle; }
    .page { fill: #ffffff; stroke: #d5dbe1; }
    .module { fill: #fff3dc; stroke: #a86a00; stroke-width: 1.5; }
    .unreachable { fill: none; stroke: #c0392b; stroke-width: 2; stroke-dasharray: 6 4; }
    .gateway, .flow-end { fill: #eef3f8; stroke: #52708f; stroke-width: 1.5; }
    .dead-end { fill: none; stroke: #52708f; stroke-width: 1.5; stroke-dasharray: 3 3; }
    .line { fill: none; stroke: #52708f; stroke-width: 1.5; }
    .join, .none { stroke-dasharray: 5 4; }
    .head { fill: #52708f; }
    .behind { fill: #ffffff; }
    .name { font-size: 15px; font-weight: 600; }
    .label { font-size: 12px; }
    .filter { fill: #4a5968; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .page { fill: #12181f; stroke: #2f3a46; }
      .behind { fill: #12181f; }
      .module { fill: #35280f; stroke: #dba146; }
      .unreachable { stroke: #ff7b72; }
      .gateway, .flow-end { fill: #1d2a38; stroke: #7fa3c7; }
      .dead-end, .line { stroke: #7fa3c7; }
      .head { fill: #7fa3c7; }
      .filter { fill: #aab8c5; }
    }`;

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escapeXml = (text: string): string => text.replaceAll(/[&<>"]/g, (each) => entities[each] ?? each);

/** Rounded, so that the last bit of a sum is in no picture. */
const at = (value: number): string => String(Math.round(value * 10) / 10);

const pair = ({ x, y }: Point): string => `${at(x)} ${at(y)}`;

const between = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

/** A line through the middles of a path's parts, bent towards its points. */
function toPath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return "";
  const bends = rest
    .slice(0, -1)
    .map((point, index) => `Q${pair(point)} ${pair(between(point, rest[index + 1] ?? last))}`);
  return `M${pair(first)}${bends.join("")}L${pair(last)}`;
}

function renderNode({ node, x, y, width, height }: LaidNode): string {
  const { kind, label } = node;
  const radius = kind === "module" || kind === "unreachable" ? 8 : height / 2;
  const box = `<rect class="${kind}" x="${at(x - width / 2)}" y="${at(y - height / 2)}" width="${at(width)}" height="${at(height)}" rx="${at(radius)}" />`;
  const names = kind === "unreachable" ? [label, "never runs"] : [label];
  const texts = names.map((name, index) => {
    const below = (index - (names.length - 1) / 2) * 17 + 5;
    return `<text class="${index === 0 ? "name" : "label"}" x="${at(x)}" y="${at(y + below)}">${escapeXml(name)}</text>`;
  });
  return [box, ...texts].map((line) => `  ${line}\n`).join("");
}

/** A loop at a node's right side, around its label. */
function toLoop(node: LaidNode, label: Point): string {
  const [x, y] = [node.x + node.width / 2, node.y];
  const [above, below] = [y - node.height, y + node.height];
  return `M${at(x)} ${at(y - 8)}C${at(label.x)} ${at(above)} ${at(label.x)} ${at(below)} ${at(x)} ${at(y + 8)}`;
}

function renderLine({ arrow, points, x, y }: LaidArrow, nodes: readonly LaidNode[]): string {
  const dashes = { event: "", join: " join", "dead-end": " none" }[arrow.kind];
  const own = arrow.from === arrow.to ? nodes.find(({ node }) => node.id === arrow.from) : undefined;
  const path = own === undefined ? toPath(points) : toLoop(own, { x, y });
  return `  <path class="line${dashes}" d="${path}" marker-end="url(#arrow)" />\n`;
}

function renderLabel({ lines, x, y, width, height }: LaidArrow): string {
  const behind = `  <rect class="behind" x="${at(x - width / 2)}" y="${at(y - height / 2)}" width="${at(width)}" height="${at(height)}" rx="3" />\n`;
  const lineHeight = height / lines.length;
  const texts = lines.map(({ text, isFilter }, index) => {
    const baseline = y - height / 2 + lineHeight * (index + 0.5) + 4;
    return `  <text class="label${isFilter ? " filter" : ""}" x="${at(x)}" y="${at(baseline)}">${escapeXml(text)}</text>\n`;
  });
  return behind + texts.join("");
}

function describe(graph: EventGraph): string {
  const nodes = new Map(listNodes(graph).map((node: GraphNode) => [node.id, node.label]));
  return listArrows(graph)
    .map(({ from, to, labels }: GraphArrow) => {
      const types = labels.map(({ text }) => text).join(", ");
      return `${nodes.get(from) ?? from} to ${nodes.get(to) ?? to}: ${types}.`;
    })
    .join(" ");
}

function renderPage(graph: EventGraph, { width, height, nodes, arrows }: Layout): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${at(width)} ${at(height)}" width="${at(width)}" height="${at(height)}" role="img" aria-labelledby="title desc">
  <title id="title">The event graph of ${escapeXml(graph.name)}</title>
  <desc id="desc">${escapeXml(describe(graph))}</desc>
  <style>${style}
  </style>
  <defs>
    <marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">
      <path class="head" d="M0 0 10 5 0 10z" />
    </marker>
  </defs>
  <rect class="page" x="0.5" y="0.5" width="${at(width - 1)}" height="${at(height - 1)}" rx="10" />
${arrows.map((arrow) => renderLine(arrow, nodes)).join("")}${arrows.map(renderLabel).join("")}${nodes.map(renderNode).join("")}</svg>
`;
}

/** Draws a graph as a picture that can be read on light and on dark pages. */
export function renderSvg(graph: EventGraph): string {
  return renderPage(graph, layOut(listNodes(graph), listArrows(graph)));
}
