import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { checkReach, type GraphEdge, type GraphEnd, makeGraph } from "../../runtime/contract/graph.ts";
import { defineModule, event, flowCompleted, pipeline } from "../../runtime/contract/index.ts";

const command = ["true"] as const;
const [a, b, c] = [event("a", z.object({ n: z.int() })), event("b", z.object({})), event("c", z.object({}))];

const say = (end: GraphEnd) => ("name" in end ? end.name : "type" in end ? `no ${end.type}` : end.kind);
const show = ({ from, to, type, filters, isJoin }: GraphEdge) =>
  `${say(from)} -${type}${JSON.stringify(filters)}${isJoin ? " join" : ""}-> ${say(to)}`;

const first = defineModule({
  name: "first",
  on: [a.where({ n: 1 }), a.where({ n: 2 })],
  emits: [b],
  command,
});
const all = defineModule({ name: "all", on: [a.where({ n: 1 }), a], command });
const end = defineModule({ name: "end", on: flowCompleted, joins: [b], emits: [c], command });

test("makeGraph() has an edge for every way that events go", () => {
  const { spec } = pipeline("p", [first, all, end], { sources: [a] });
  const { edges, deadEnds } = makeGraph(spec);
  assert.deepEqual(edges.map(show), [
    'gateway -a[{"n":1},{"n":2}]-> first',
    "gateway -a[]-> all",
    "flow-end -ion.flow_completed[]-> end",
    "first -b[] join-> end",
    "first -b[]-> no b",
    "end -c[]-> no c",
  ]);
  assert.deepEqual(deadEnds, ["b", "c"]);
});

test("makeGraph() marks a source that nobody takes", () => {
  const { spec } = pipeline("p", [first], { sources: [a, c] });
  assert.deepEqual(makeGraph(spec).edges.map(show).at(-2), "gateway -c[]-> no c");
});

test("modules that only feed one another are never reached; checkReach() names them", () => {
  const ring = [
    defineModule({ name: "one", on: b, emits: [c], command }),
    defineModule({ name: "two", on: c, emits: [b], command }),
  ] as const;
  const { spec } = pipeline("p", [all, ...ring], { sources: [a] });
  assert.deepEqual(makeGraph(spec).modules, [
    { name: "all", isReachable: true },
    { name: "one", isReachable: false },
    { name: "two", isReachable: false },
  ]);
  assert.deepEqual(
    checkReach(spec).map(({ module, field, value }) => [module, field, value]),
    [
      ["one", "on", "b"],
      ["two", "on", "c"],
    ],
  );
});

test("a ring that a source leads into is reached as a whole", () => {
  const ring = [
    defineModule({ name: "one", on: [a, b], emits: [c], command }),
    defineModule({ name: "two", on: c, emits: [b], command }),
  ] as const;
  assert.deepEqual(checkReach(pipeline("p", ring, { sources: [a] }).spec), []);
});
