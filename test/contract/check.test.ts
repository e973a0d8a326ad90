import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { checkPipeline, type PipelineSpec } from "../../runtime/contract/check.ts";
import type { Filter } from "../../runtime/contract/event.ts";
import { defineModule, event, flowCompleted, type ModuleSpec } from "../../runtime/contract/index.ts";

const link = event("link", z.object({ url: z.string() }));
const { spec: fetch } = defineModule({ name: "fetch", on: link, command: ["true"] });

const schema = {
  type: "object",
  properties: {
    url: { type: "string" },
    kind: { enum: ["video", "image"] },
    always: { const: 1 },
    inner: { type: "object" },
  },
};

function makeSpec(changes: Partial<ModuleSpec>, pipeline: Partial<PipelineSpec> = {}): PipelineSpec {
  return {
    name: "test",
    sources: ["link"],
    events: {
      link: { schema, files: true },
      [flowCompleted.type]: { schema: { type: "object" }, files: true },
    },
    modules: [{ ...fetch, ...changes }],
    ...pipeline,
  };
}

const where = (filter: Filter) => makeSpec({ on: [{ type: "link", filter }] });
const messages = (spec: PipelineSpec) => checkPipeline(spec).map(({ message }) => message);

describe("checkPipeline() finds nothing wrong with", () => {
  for (const [what, spec] of [
    ["a subscription to a source", makeSpec({})],
    ["filters on scalar fields", where({ kind: ["video", "image"], always: 1, url: "x" })],
    [
      "a module at the flow's end",
      makeSpec({ on: [{ type: flowCompleted.type, filter: {} }], joins: ["link"] }),
    ],
  ] as const) {
    it(what, () => assert.deepEqual(messages(spec), []));
  }
});

describe("checkPipeline() says", () => {
  const subscribes = "module 'fetch' subscribes to 'other', which no module emits and no source provides";
  for (const [spec, message] of [
    [makeSpec({ on: [{ type: "other", filter: {} }] }), subscribes],
    [makeSpec({}, { modules: [fetch, fetch] }), "two modules are named 'fetch'"],
    [where({ size: 1 }), "module 'fetch' filters 'link' on field 'size', which its data doesn't have"],
    [
      where({ constructor: 1 }),
      "module 'fetch' filters 'link' on field 'constructor', which its data doesn't have",
    ],
    [
      where({ inner: "x" }),
      "module 'fetch' filters 'link' on field 'inner', which is not a string, number or boolean",
    ],
    [
      where({ kind: "song" }),
      "module 'fetch' filters 'link' on kind = 'song', which is none of 'video', 'image'",
    ],
    [where({ always: 2 }), "module 'fetch' filters 'link' on always = '2', which is none of '1'"],
    [makeSpec({ on: [] }), "module 'fetch' subscribes to nothing: name at least one event in 'on'"],
    [
      makeSpec({ emits: [flowCompleted.type] }),
      "module 'fetch' emits 'ion.flow_completed', which only Ion raises",
    ],
    [
      makeSpec({ joins: ["link"] }),
      "module 'fetch' joins files but doesn't subscribe to 'ion.flow_completed': add it to 'on' or drop 'joins'",
    ],
    [
      makeSpec({}, { name: "My Pipeline" }),
      "pipeline name 'My Pipeline' is not an RFC 1123 label: use lower-case letters, digits and '-', with a letter or digit at both ends",
    ],
    [
      makeSpec({}, { events: { link: { schema: { type: "string" }, files: true } } }),
      "event type 'link' has data of type 'string': it must be an object",
    ],
  ] as const) {
    it(message, () => assert.deepEqual(messages(spec), [message]));
  }

  it("every broken rule, with the module, the field and the value", () => {
    const spec = makeSpec({ on: [{ type: "other", filter: {} }], emits: [flowCompleted.type] });
    assert.deepEqual(
      checkPipeline(spec).map(({ module, field, value }) => ({ module, field, value })),
      [
        { module: "fetch", field: "on", value: "other" },
        { module: "fetch", field: "emits", value: flowCompleted.type },
      ],
    );
  });
});
