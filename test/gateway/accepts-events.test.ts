import assert from "node:assert/strict";
import { test } from "node:test";
import { deriveId } from "../../runtime/contract/ids.ts";
import { listTopics, makeRoutes } from "../../runtime/contract/routing.ts";
import { managementPaths } from "../../runtime/management/api.ts";
import { form, media, startGateway } from "./harness.ts";

test("POST / raises frontapi.new_link and says where to follow it", async () => {
  const ion = await startGateway();
  const payload = { url: "https://example.org/film.mov" };
  const answer = await ion.server.inject({ method: "POST", url: "/", payload });
  assert.equal(answer.statusCode, 202);
  const { eventId, correlationId, follow } = answer.json();
  assert.equal(correlationId, eventId);
  // The gateway may not import the management API: this holds the two together.
  assert.equal(follow, managementPaths.flow(eventId));
  assert.equal(answer.headers.location, follow);
  const { event, published, due } = await ion.getEvent(eventId);
  assert.equal(event.type, "frontapi.new_link");
  assert.equal(event.source, "/ion/gateway");
  assert.deepEqual(event.data, payload);
  assert.deepEqual([published, due], [true, undefined]);
  assert.deepEqual(ion.published, [event]);
  const flow = await ion.documents.query(eventId, "flow");
  const [counts] = flow.items.map(({ document }) => document);
  assert.deepEqual([counts?.counts.events, counts?.counts.running], [1, 1]);
  assert.ok((counts?.due ?? 0) > Date.now());
});

test("an event that no module hears closes its flow", async () => {
  const ion = await startGateway();
  const answer = await ion.server.inject({ method: "POST", url: "/events/unheard", payload: {} });
  assert.equal(answer.statusCode, 202);
  assert.deepEqual(ion.closed, [answer.json().correlationId]);
});

test("files come before and after the data, keep their folders, and are hashed", async () => {
  const ion = await startGateway();
  const answer = await ion.server.inject({
    method: "POST",
    url: "/events/film",
    ...form([
      { name: "a", value: "first", filename: "cut/one.mov" },
      { name: "data", value: '{"kind":"video"}' },
      { name: "a", value: "", filename: "two.mov", type: "video/quicktime" },
    ]),
  });
  assert.equal(answer.statusCode, 202, answer.body);
  const { event, files } = await ion.getEvent(answer.json().eventId);
  assert.equal(event.files, 2);
  assert.deepEqual(event.data, { kind: "video" });
  assert.deepEqual(
    files.map(({ path, bytes }) => [path, bytes]),
    [
      ["cut/one.mov", 5],
      ["two.mov", 0],
    ],
  );
  assert.equal(files[0]?.sha256, "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e");
  const blob = files[0]?.blob ?? "";
  assert.match(blob, new RegExp(`^${event.id}/${event.id}/u[0-9a-f]{16}/cut/one.mov$`));
  assert.equal((await (await ion.blobs.get(blob)).toArray()).join(""), "first");
});

test("a form without data is an event with empty data", async () => {
  const ion = await startGateway();
  const answer = await ion.server.inject({
    method: "POST",
    url: "/events/film",
    ...form([{ name: "f", value: "x", filename: "a" }]),
  });
  assert.deepEqual((await ion.getEvent(answer.json().eventId)).event.data, {});
});

test("JSON data in a form may say that it is JSON", async () => {
  const ion = await startGateway();
  const answer = await ion.server.inject({
    method: "POST",
    url: "/events/note",
    ...form([{ name: "data", value: '{"text":"hi"}', type: "application/json" }]),
  });
  assert.equal(answer.statusCode, 202, answer.body);
});

test("a valid traceparent travels with the event, a broken one is ignored", async () => {
  const ion = await startGateway();
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  for (const header of [traceparent, "nonsense"]) {
    const headers = { traceparent: header };
    await ion.server.inject({ method: "POST", url: "/events/note", headers, payload: {} });
  }
  assert.deepEqual(
    ion.published.map((event) => event.traceparent),
    [traceparent, undefined],
  );
});

test("a changed declaration holds for the next event", async () => {
  let spec = media;
  const ion = await startGateway({
    pipeline: () => spec,
    routes: () => makeRoutes(listTopics(spec)),
  });
  spec = {
    ...media,
    events: { ...media.events, note: { schema: { type: "object", required: ["text"] }, files: true } },
  };
  const answer = await ion.server.inject({ method: "POST", url: "/events/note", payload: {} });
  assert.equal(answer.statusCode, 422);
  assert.deepEqual(answer.json().errors, [{ path: "/text", message: "must have required property 'text'" }]);
});

test("the first event's id is derived from the idempotency key", async () => {
  const ion = await startGateway();
  const headers = { "idempotency-key": "k-1" };
  const answer = await ion.server.inject({ method: "POST", url: "/events/note", headers, payload: {} });
  assert.equal(answer.json().eventId, deriveId("gateway", "k-1"));
});
