import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { defineModule, event, pipeline } from "../../runtime/contract/index.ts";
import { listTopics, makeRoutes, matches } from "../../runtime/contract/routing.ts";

const link = event("link", z.object({ url: z.string() }));
const file = event("file", z.object({ kind: z.enum(["video", "image"]), bytes: z.int(), open: z.boolean() }));
const command = ["true"] as const;

const { spec } = pipeline(
  "test",
  [
    defineModule({ name: "fetch", on: link, emits: [file], command }),
    defineModule({ name: "all", on: file, command }),
    defineModule({ name: "videos", on: file.where({ kind: "video", open: true }), command }),
    defineModule({
      name: "either",
      on: [file.where({ bytes: [1, 2] }), file.where({ kind: "image" })],
      command,
    }),
  ],
  { sources: [link] },
);
const routes = makeRoutes(listTopics(spec));
const route = (data: { kind: string; bytes: number; open: boolean }) => routes.route({ type: "file", data });

it("an event goes to every module whose filter it matches, once", () => {
  assert.deepEqual(route({ kind: "video", bytes: 9, open: true }), ["all", "videos"]);
  assert.deepEqual(route({ kind: "video", bytes: 2, open: false }), ["all", "either"]);
  assert.deepEqual(route({ kind: "image", bytes: 1, open: true }), ["all", "either"]);
});

it("an event type without a subscriber goes nowhere", () => {
  assert.deepEqual(routes.route({ type: "unknown", data: {} }), []);
  assert.deepEqual(listTopics(spec).find(({ type }) => type === "ion.flow_completed")?.subscriptions, []);
});

it("a filter compares values without turning one type into another", () => {
  assert.equal(matches({ bytes: 1 }, { bytes: "1" }), false);
  assert.equal(matches({ bytes: [1, 2] }, { bytes: [1, 2] }), false);
  assert.equal(matches({ open: false }, {}), false);
  assert.equal(matches({}, { any: 1 }), true);
});

it("data matches the filter made of it, and no filter with another value", () => {
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  fc.assert(
    fc.property(fc.dictionary(fc.string(), scalar, { minKeys: 1 }), scalar, (data, other) => {
      const key = Object.keys(data)[0] ?? "";
      assert.equal(matches(data, data), true);
      assert.equal(matches({ ...data, [key]: other }, data), other === data[key]);
      assert.equal(matches({ [key]: [other, data[key] ?? ""] }, data), true);
    }),
  );
});
