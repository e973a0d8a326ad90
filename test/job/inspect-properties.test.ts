import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import type { JsonObject } from "../../runtime/contract/json.ts";
import { makeWorkspace } from "./workspace.ts";

const data = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 }));

it("any JSON object comes out as it went in", () => {
  using workspace = makeWorkspace();
  fc.assert(
    fc.property(data, (object) => {
      workspace.writeEvent("a.json", { type: "anything", data: object });
      const text = JSON.stringify(object);
      assert.equal(JSON.stringify(workspace.inspect().children[0]?.data), text);
    }),
  );
});

it("any strings come out of the original form as they went in", () => {
  using workspace = makeWorkspace();
  const strings = fc.dictionary(
    fc.string().filter((key) => key !== "files" && key !== "eventType"),
    fc.string(),
  );
  fc.assert(
    fc.property(strings, (object) => {
      const pairs = Object.entries({ ...object, eventType: "anything" });
      workspace.writeEvent(
        "a.json",
        pairs.map(([key, value]) => ({ key, value })),
      );
      const found: JsonObject = workspace.inspect().children[0]?.data ?? {};
      assert.deepEqual(new Map(Object.entries(found)), new Map(Object.entries(object)));
    }),
  );
});

it("anything else is an event or one clear error, never a crash", () => {
  using workspace = makeWorkspace();
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.json().map((text) => text.slice(1)),
      ),
      (text) => {
        workspace.write("out/events/a.json", text);
        workspace.refuses("invalid", "'out/events/a.json'");
      },
    ),
  );
});
