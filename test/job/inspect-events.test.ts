import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { maxDocumentBytes } from "../../runtime/contract/limits.ts";
import { maxDataBytes } from "../../runtime/job/output-event.ts";
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
      "leads outside its folder: '..' is not allowed",
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
    const folder = "d".repeat(199);
    const files = Array.from({ length: 1_500 }, (_, index) => `${folder}/${folder}/${folder}/${index}`);
    for (const name of files) workspace.write(`out/data/${name}`, "");
    workspace.writeEvent("a.json", { type: "anything", files });
    workspace.refuses("limit", "lists 1500 files, which one event's document of 2.0 MiB can't hold");
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
