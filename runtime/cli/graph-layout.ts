import { Graph, layout } from "@dagrejs/dagre";
import type { ArrowLabel, GraphArrow, GraphNode } from "./graph-arrows.ts";

/** All lengths are in pixels; a node's and a label's place is its middle. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface LaidNode extends Box {
  readonly node: GraphNode;
}

/** An arrow; its box is the label's. */
export interface LaidArrow extends Box {
  readonly arrow: GraphArrow;
  readonly points: readonly Point[];
  readonly lines: readonly { readonly text: string; readonly isFilter: boolean }[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly LaidNode[];
  readonly arrows: readonly LaidArrow[];
}

/** Of a fixed-width typeface, where every character takes about 0.6 of the size. */
const nameCharacterWidth = 9.1;
const labelCharacterWidth = 7.3;
const labelLineHeight = 16;
const nodeHeight = 44;
/** Has room for the words `never runs`. */
const leastNodeWidth = 92;
const margin = 24;

const toLines = (labels: readonly ArrowLabel[]) =>
  labels.flatMap(({ text, filter }) => [
    { text, isFilter: false },
    ...(filter === "" ? [] : [{ text: filter, isFilter: true }]),
  ]);

/** Lays a graph out from top to bottom; the same graph always in the same way. */
export function layOut(nodes: readonly GraphNode[], arrows: readonly GraphArrow[]): Layout {
  const graph = new Graph<object, Partial<Box>, Partial<Box> & { points?: Point[] }>({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 36, edgesep: 16, ranksep: 46, marginx: margin, marginy: margin });
  for (const { id, label } of nodes) {
    const width = Math.max(leastNodeWidth, label.length * nameCharacterWidth + 28);
    graph.setNode(id, { width, height: nodeHeight });
  }
  for (const { from, to, kind, labels } of arrows) {
    const lines = toLines(labels);
    const longest = Math.max(...lines.map(({ text }) => text.length));
    const size = { width: longest * labelCharacterWidth + 8, height: lines.length * labelLineHeight };
    graph.setEdge(from, to, { ...size, labelpos: "c" } as Partial<Box>, kind);
  }
  layout(graph);
  const toBox = ({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box => ({ x, y, width, height });
  const { width = 0, height = 0 }: Partial<Box> = graph.graph();
  return {
    width,
    height,
    nodes: nodes.map((node) => ({ node, ...toBox(graph.node(node.id)) })),
    arrows: arrows.map((arrow) => {
      const { points = [], ...box } = graph.edge(arrow.from, arrow.to, arrow.kind);
      return { arrow, ...toBox(box), points, lines: toLines(arrow.labels) };
    }),
  };
}
