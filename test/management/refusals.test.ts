import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { InjectOptions } from "fastify";
import { documentId } from "../../runtime/contract/documents.ts";
import { executionOf, idOf, makeEvent, makeExecution, rootId, startManagement } from "./harness.ts";

const replay = (payload: InjectOptions["payload"]): InjectOptions => ({
  method: "POST",
  url: "/api/dead-letters/replay",
  ...(payload !== undefined && { payload }),
  ...(typeof payload === "string" && { headers: { "content-type": "application/json" } }),
});

const logs = `/api/executions/${executionOf("cutter")}/logs`;
const refusals: readonly (readonly [
  what: string,
  request: string | InjectOptions,
  status: number,
  detail: RegExp,
])[] = [
  ["a size of none", "/api/flows?size=0", 400, /'size' must be a whole number from 1 to 1,000: it is "0"/],
  ["a size of words", "/api/flows?size=ten", 400, /whole number/],
  ["a size that is too large", "/api/flows?size=1001", 400, /1,000/],
  ["a parameter twice", "/api/flows?size=1&size=2", 400, /several times/],
  ["an unknown parameter", "/api/flows?limit=1", 400, /'limit' is not known: known are size, after/],
  ["a parameter where none is", "/api/modules?x=1", 400, /none is/],
  ["a flow that is no id", "/api/flows/5f0c", 400, /must be an id/],
  ["a flow in upper case", `/api/flows/${executionOf("cutter").toUpperCase()}`, 400, /must be an id/],
  ["an unknown flow", `/api/flows/${idOf(1)}`, 404, /there is no flow '0/],
  ["following what is no id", "/api/flows/5f0c/follow", 400, /must be an id/],
  ["following an unknown flow", `/api/flows/${idOf(1)}/follow`, 404, /there is no flow/],
  ["the logs of what is no id", "/api/executions/../logs", 404, /nothing at/],
  ["the logs of no execution", `/api/executions/${idOf(1)}/logs`, 404, /there is no execution/],
  ["the logs of attempt none", `${logs}?attempt=0`, 400, /'attempt' must be a whole number/],
  ["the logs of an attempt to come", `${logs}?attempt=2`, 404, /has no attempt 2: its last one is attempt 1/],
  ["following perhaps", `${logs}?follow=maybe`, 400, /'follow' must be true or false/],
  ["a log that is not there", logs, 404, /there is no log/],
  ["dead letters of what is no module", "/api/dead-letters?module=No_Module", 400, /RFC 1123/],
  ["dead letters of what is no type", "/api/dead-letters?type=a%20b", 400, /topic/],
  ["dead letters behind nothing", "/api/dead-letters?after=zzz", 400, /'after' must be the 'next'/],
  ["a dead letter that is no id", "/api/dead-letters/x", 400, /must be an id/],
  ["an unknown dead letter", `/api/dead-letters/${idOf(1)}`, 404, /there is no dead letter/],
  [
    "an unknown dead letter of a module",
    `/api/dead-letters/${idOf(1)}?module=cutter`,
    404,
    /of module 'cutter'/,
  ],
  ["a replay of nothing", replay({}), 400, /nothing is selected/],
  ["a replay of not all", replay({ all: false }), 400, /nothing is selected/],
  ["a replay without a body", replay(undefined), 400, /must be a JSON object/],
  ["a replay of a list", replay("[]"), 400, /must be a JSON object/],
  ["a replay in broken JSON", replay("{"), 400, /JSON/],
  ["a replay by an unknown field", replay({ name: "x" }), 400, /field 'name' is not known/],
  ["a replay by a field of Object's", replay({ constructor: "x" }), 400, /JSON|not known/],
  ["a replay by a number", replay({ module: 7 }), 400, /'module' must be a string: it is 7/],
  ["a replay of all that is a word", replay({ all: "yes" }), 400, /'all' must be a boolean/],
  ["a replay of what is no id", replay({ eventId: "x" }), 400, /must be an id/],
  ["a replay of an unknown event", replay({ eventId: idOf(1) }), 404, /there is no dead letter/],
  [
    "a replay over the limit",
    replay(JSON.stringify({ module: "x".repeat(70_000) })),
    413,
    /more than 65536 bytes/,
  ],
  ["insights of nobody", "/api/insights", 400, /'module' is missing/],
  ["insights since some day", "/api/insights?module=cutter&since=monday", 400, /ISO 8601/],
  ["a file that is none", "/api/files/a/b", 404, /there is no file 'a\/b'/],
  ["a file over the wall", "/api/files/..%2f..%2fetc%2fpasswd", 400, /'\.\.'/],
  ["no file", "/api/files/", 404, /there is no file ''/],
  ["a folder of files", "/api/files/a", 404, /there is no file 'a'/],
];

for (const [what, request, status, detail] of refusals) {
  test(`${what}: one error, and nothing changes`, async () => {
    const ion = await startManagement();
    await ion.documents.create(makeExecution("cutter"));
    await ion.bus.publish([makeEvent("film")]);
    await ion.setAside("cutter", "film", 1);
    await ion.blobs.put("a/c", Readable.from([Buffer.from("x")], { objectMode: false }));
    const before = await ion.documents.query(rootId, "execution");
    const answer = await ion.server.inject(request);
    assert.equal(answer.statusCode, status, answer.body);
    assert.equal(answer.headers["content-type"], "application/problem+json");
    assert.match(answer.json().detail, detail);
    assert.deepEqual(ion.replayed, []);
    assert.equal((await ion.bus.depth({ topic: "film", module: "cutter" })).dead, 1);
    assert.deepEqual(await ion.documents.query(rootId, "execution"), before);
    assert.equal(await ion.documents.find("event", rootId, documentId.event(rootId)), undefined);
  });
}

test("wrong methods are told the right one", async () => {
  const { server } = await startManagement();
  for (const [method, url, allow] of [
    ["DELETE", `/api/flows/${rootId}`, "GET"],
    ["PUT", "/api/dead-letters/replay", "GET, POST"],
    ["POST", "/api/files/a/b", "GET"],
  ] as const) {
    const answer = await server.inject({ method, url });
    assert.deepEqual([answer.statusCode, answer.headers.allow], [405, allow]);
  }
});
