import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { maxDocumentBytes } from "../../runtime/contract/limits.ts";
import { maxDataBytes, maxInsightBytes } from "../../runtime/job/inspect.ts";
import { inspectContext, makeWorkspace } from "./workspace.ts";

const video = { kind: "video", bytes: 3 };

describe("inspectOutput() takes", () => {
  it("events in the order of their names", () => {
    using workspace = makeWorkspace();
    workspace.write("out/data/a/film.mov", "1");
    workspace.writeEvent("b.json", { type: "downloaded", data: video, files: ["a/film.mov"] });
    workspace.writeEvent("a.json", { type: "anything" });
    assert.deepEqual(workspace.inspect().children, [
      { name: "a.json", type: "anything", data: {}, files: [] },
      { name: "b.json", type: "downloaded", data: video, files: ["a/film.mov"] },
    ]);
  });

  it("one file in several events", () => {
    using workspace = makeWorkspace();
    workspace.write("out/data/a", "1");
    for (const name of ["1.json", "2.json"]) workspace.writeEvent(name, { type: "anything", files: ["a"] });
    assert.equal(workspace.inspect().children.length, 2);
  });

  it("an event file with a byte order mark", () => {
    using workspace = makeWorkspace();
    workspace.write("out/events/a.json", `\ufeff{"type":"anything"}`);
    assert.equal(workspace.inspect().children.length, 1);
  });

  it("a key named __proto__ as a key", () => {
    using workspace = makeWorkspace();
    workspace.write(
      "out/events/a.json",
      `{"type":"anything","data":{"__proto__":{"admin":true},"toString":1}}`,
    );
    const data = workspace.inspect().children[0]?.data;
    assert.equal(JSON.stringify(data), `{"__proto__":{"admin":true},"toString":1}`);
    assert.equal(Object.getPrototypeOf(data), Object.prototype);
    assert.equal("admin" in {}, false);
  });
});

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

describe("inspectOutput() refuses an event", () => {
  const refused: readonly (readonly [what: string, value: unknown, words: string])[] = [
    [
      "of an unknown type",
      { type: "other" },
      "has the event type 'other', which module 'fetch' doesn't declare: its 'emits' has 'downloaded', 'anything', 'noted'",
    ],
    [
      "of a type that only Ion raises",
      { type: "ion.flow_completed" },
      "the event type 'ion.flow_completed', which",
    ],
    ["of a type that every object has", { type: "constructor" }, "the event type 'constructor', which"],
    ["without a type", { data: {} }, "has no 'type'"],
    ["with data that is an array", { type: "anything", data: [] }, "has 'data' that is not an object"],
    ["with data that is null", { type: "anything", data: null }, "has 'data' that is not an object"],
    ["with files that are no list", { type: "anything", files: "a" }, "has 'files' that is not an array"],
    ["with a file that is no path", { type: "anything", files: [1] }, "something that is not a string"],
    [
      "with an unknown key",
      { type: "anything", dta: {} },
      "has the key 'dta': only 'type', 'data' and 'files' are known",
    ],
    ["that is a number", 7, `is no event: write {"type", "data", "files"}, or [{"key", "value"}]`],
    ["that is a list of something else", [{ name: "a" }], "is no event"],
    [
      "whose data breaks the schema",
      { type: "downloaded", data: { kind: "song", bytes: 1.5 } },
      "breaks the schema of event type 'downloaded': data/kind must be equal to one of the allowed values (video, image), not 'song'; data/bytes must be integer, not '1.5'",
    ],
    [
      "whose data lacks a field",
      { type: "downloaded", data: { kind: "video" } },
      "data must have required property 'bytes'",
    ],
    [
      "whose numbers are strings",
      { type: "downloaded", data: { kind: "video", bytes: "1" } },
      "data/bytes must be integer, not '1'",
    ],
    [
      "that lists a missing file",
      { type: "anything", files: ["b"] },
      "lists 'b', which is not in out/data: write it first",
    ],
    ["that lists a folder", { type: "anything", files: ["d"] }, "lists 'd', which is not in out/data"],
    ["that lists a file twice", { type: "anything", files: ["a", "a"] }, "lists 'a' twice"],
    [
      "that lists a path outside",
      { type: "anything", files: ["../../in/event.json"] },
      "leads outside the workspace: '..' is not allowed",
    ],
    [
      "that lists a path outside on a detour",
      { type: "anything", files: ["d/../../events/a.json"] },
      "leads outside",
    ],
    [
      "that lists an absolute path",
      { type: "anything", files: ["/etc/passwd"] },
      "lists '/etc/passwd', which is absolute",
    ],
    ["that lists a path of Windows", { type: "anything", files: ["d\\b"] }, "has a backslash"],
    [
      "that lists a path with NUL",
      { type: "anything", files: ["a\u0000"] },
      "lists 'a\\u0000', which has a control character",
    ],
    ["that lists a path in another spelling", { type: "anything", files: ["./a"] }, "has an empty part"],
    ["that lists an empty path", { type: "anything", files: [""] }, "which is empty: name a file"],
    [
      "with files though its type has none",
      { type: "noted", data: { text: "" }, files: ["a"] },
      "event type 'noted' is declared without files",
    ],
  ];
  for (const [what, value, words] of refused) {
    it(what, () => {
      using workspace = makeWorkspace();
      workspace.write("out/data/a", "1");
      workspace.write("out/data/d/b", "1");
      workspace.writeEvent("a.json", value);
      workspace.refuses("invalid", words);
    });
  }

  for (const [what, text, words] of [
    ["with broken JSON", `{"type":"anything",}`, "'out/events/a.json' is not JSON: "],
    ["with half a JSON", `{"type":"any`, "is not JSON: Unterminated string in JSON at position"],
    ["that is an empty file", "", "is not JSON: Unexpected end of JSON input"],
    ["that is no UTF-8", Buffer.from([0x22, 0xff, 0x22]), "is not JSON: it is not valid UTF-8"],
    ["with a number too large", `{"type":"anything","data":{"a":1e999}}`, "a number too large"],
    [
      "nested too deep",
      `{"type":"anything","data":{"a":${"[".repeat(1000)}${"]".repeat(1000)}}}`,
      "deeper than 100 levels",
    ],
    ["that is a bomb", "[".repeat(1_000_000) + "]".repeat(1_000_000), "nested deeper than 100 levels"],
  ] as const) {
    it(what, () => {
      using workspace = makeWorkspace();
      workspace.write("out/events/a.json", text);
      workspace.refuses("invalid", words);
    });
  }

  it("larger than a message", () => {
    using workspace = makeWorkspace();
    const fits = "x".repeat(maxDataBytes - `{"text":""}`.length);
    workspace.writeEvent("a.json", { type: "noted", data: { text: fits } });
    assert.equal(workspace.inspect().children.length, 1);
    workspace.writeEvent("a.json", { type: "noted", data: { text: `${fits}x` } });
    workspace.refuses("limit", `the data of 'out/events/a.json' has ${maxDataBytes + 1} bytes`);
  });

  it("whose numbers grow past a message", () => {
    using workspace = makeWorkspace();
    workspace.write(
      "out/events/a.json",
      `{"type":"anything","data":{"a":[${Array(20_000).fill("1e20").join(",")}]}}`,
    );
    workspace.refuses("limit", "the data of 'out/events/a.json'");
  });

  it("in a file too large to read", () => {
    using workspace = makeWorkspace();
    workspace.write("out/events/a.json", " ".repeat(maxDocumentBytes + 1));
    workspace.refuses("limit", `at most ${maxDocumentBytes} are allowed`);
  });

  it("with more files than its document can hold", () => {
    using workspace = makeWorkspace();
    const files = Array.from({ length: 9_000 }, (_, index) => `${index}`);
    for (const name of files) workspace.write(`out/data/${name}`, "");
    workspace.writeEvent("a.json", { type: "anything", files });
    workspace.refuses("limit", "lists 9000 files, which one event's document of 2.0 MiB can't hold");
  });

  it("in a file without .json", () => {
    using workspace = makeWorkspace();
    workspace.write("out/events/a.json.tmp", "{}");
    workspace.refuses("invalid", "'out/events/a.json.tmp' is no event file: its name must end with '.json'");
  });

  it("in a sub-folder", () => {
    using workspace = makeWorkspace();
    mkdirSync(join(workspace.folder, "out/events/a.json"));
    workspace.refuses("invalid", "'out/events/a.json' is a folder: it must be a regular file");
  });

  it("behind a symbolic link", () => {
    using workspace = makeWorkspace();
    symlinkSync("../../in/event.json", join(workspace.folder, "out/events/a.json"));
    workspace.refuses("invalid", "'out/events/a.json' is a symbolic link");
  });

  it("above the number allowed", () => {
    using workspace = makeWorkspace();
    for (const name of ["a.json", "b.json"]) workspace.writeEvent(name, { type: "anything" });
    workspace.refuses(
      "limit",
      "out/events holds 2 events, but the limit of module 'fetch' is 1: write fewer or raise its limits.events",
      inspectContext({ events: 1 }),
    );
  });
});

describe("inspectOutput() and insights:", () => {
  for (const [value, expected] of [
    [
      { seconds: 1.5, tags: ["a"] },
      { seconds: 1.5, tags: ["a"] },
    ],
    [{}, undefined],
    [[], undefined],
  ] as const) {
    it(`takes ${JSON.stringify(value)}`, () => {
      using workspace = makeWorkspace();
      workspace.write("out/insights.json", JSON.stringify(value));
      assert.deepEqual(workspace.inspect().insight, expected);
    });
  }

  for (const value of [7, "text", null, [1]]) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      using workspace = makeWorkspace();
      workspace.write("out/insights.json", JSON.stringify(value));
      workspace.refuses(
        "invalid",
        `'out/insights.json' is no insight: write an object, or [{"key", "value"}]`,
      );
    });
  }

  it("refuses broken JSON", () => {
    using workspace = makeWorkspace();
    workspace.write("out/insights.json", "{");
    workspace.refuses("invalid", "'out/insights.json' is not JSON");
  });

  it("refuses what is larger than a document may be", () => {
    using workspace = makeWorkspace();
    workspace.write("out/insights.json", JSON.stringify({ a: "x".repeat(maxInsightBytes) }));
    workspace.refuses("limit", `at most ${maxInsightBytes} are allowed`);
  });

  it("refuses a symbolic link", () => {
    using workspace = makeWorkspace();
    const file = join(workspace.folder, "out/insights.json");
    symlinkSync("../in/event.json", file);
    workspace.refuses("invalid", "'out/insights.json' is a symbolic link: it must be a regular file");
  });
});
