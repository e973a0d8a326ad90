import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeWorkspace } from "./workspace.ts";

describe("inspectOutput() reads the original form", () => {
  const pairs = (object: Record<string, string>) =>
    Object.entries(object).map(([key, value]) => ({ key, value }));

  it("with values as the schema wants them", () => {
    using workspace = makeWorkspace();
    workspace.write("out/data/a.png", "1");
    workspace.write("out/data/b/c.png", "1");
    workspace.writeEvent(
      "event0.json",
      pairs({
        eventType: "downloaded",
        files: "a.png, b/c.png,",
        kind: "image",
        bytes: "12",
        public: "true",
      }),
    );
    assert.deepEqual(workspace.inspect().children, [
      {
        name: "event0.json",
        type: "downloaded",
        data: { kind: "image", bytes: 12, public: true },
        files: ["a.png", "b/c.png"],
      },
    ]);
  });

  it("without files", () => {
    using workspace = makeWorkspace();
    workspace.writeEvent("a.json", pairs({ eventType: "anything", files: "" }));
    workspace.writeEvent("b.json", pairs({ eventType: "anything", a: "1" }));
    assert.deepEqual(
      workspace.inspect().children.map(({ data, files }) => ({ data, files })),
      [
        { data: {}, files: [] },
        { data: { a: "1" }, files: [] },
      ],
    );
  });

  it("and refuses it without eventType", () => {
    using workspace = makeWorkspace();
    workspace.writeEvent("a.json", pairs({ files: "" }));
    workspace.refuses("invalid", "'out/events/a.json' has no key 'eventType'");
  });

  it("and refuses a key twice", () => {
    using workspace = makeWorkspace();
    workspace.writeEvent("a.json", [...pairs({ eventType: "anything" }), ...pairs({ eventType: "noted" })]);
    workspace.refuses("invalid", "'out/events/a.json': key 'eventType' stands twice");
  });

  it("and refuses a value that the schema doesn't allow", () => {
    using workspace = makeWorkspace();
    workspace.writeEvent("a.json", pairs({ eventType: "downloaded", kind: "image", bytes: "many" }));
    workspace.refuses("invalid", "data/bytes must be integer, not 'many'");
  });

  it("and takes insights in it", () => {
    using workspace = makeWorkspace();
    workspace.write("out/insights.json", JSON.stringify(pairs({ transcodeTimeSec: "12.5" })));
    assert.deepEqual(workspace.inspect().insight, { transcodeTimeSec: "12.5" });
  });
});
