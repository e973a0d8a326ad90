import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryDocuments } from "../../runtime/adapters/memory/documents.ts";
import { IonError } from "../../runtime/contract/errors.ts";
import type { IonEvent } from "../../runtime/contract/event.ts";
import type { Documents } from "../../runtime/ports/documents.ts";
import { type FormPart, form, type Harness, startGateway } from "./harness.ts";

const headers = { "idempotency-key": "order-17" };

const film: FormPart[] = [
  { name: "data", value: '{"kind":"video"}' },
  { name: "file", value: "frames", filename: "film.mov" },
];

function upload({ server }: Harness, parts: readonly FormPart[] = film, type = "film") {
  const body = form(parts);
  return server.inject({
    method: "POST",
    url: `/events/${type}`,
    payload: body.payload,
    headers: { ...headers, ...body.headers },
  });
}

test("the same submission under one key is one event and one upload", async () => {
  const ion = await startGateway();
  const first = await upload(ion);
  const before = await ion.readState();
  const second = await upload(ion);
  assert.equal(second.statusCode, 202);
  assert.equal(second.body, first.body);
  assert.deepEqual(await ion.readState(), before);
});

const others: [string, FormPart[], string][] = [
  ["data", [{ name: "data", value: '{"kind":"image"}' }, ...film.slice(1)], "film"],
  ["a file's bytes", [...film.slice(0, 1), { name: "file", value: "frame!", filename: "film.mov" }], "film"],
  ["a file's name", [...film.slice(0, 1), { name: "file", value: "frames", filename: "film2.mov" }], "film"],
  ["fewer files", film.slice(0, 1), "film"],
  ["type", [{ name: "data", value: "{}" }], "note"],
];
for (const [what, parts, type] of others) {
  test(`a key used again with other ${what} is refused and changes nothing`, async () => {
    const ion = await startGateway();
    await upload(ion);
    const before = await ion.readState();
    const answer = await upload(ion, parts, type);
    assert.equal(answer.statusCode, 422, answer.body);
    assert.match(answer.json().detail, /idempotency key was used for another event/);
    assert.deepEqual(await ion.readState(), before);
  });
}

test("a sender cut off between the batch and the bus repeats, and the event is published", async () => {
  const ion = await startGateway();
  ion.breakBus();
  const first = await upload(ion);
  assert.equal(first.statusCode, 503);
  const [flow = ""] = (await ion.documents.flows()).items;
  const stored = await ion.getEvent(flow);
  assert.equal(stored.published, false);
  assert.ok((stored.due ?? 0) > Date.now(), "the sweeper finds it when nobody repeats");
  const second = await upload(ion);
  assert.equal(second.statusCode, 202);
  assert.deepEqual(
    ion.published.map(({ id }) => id),
    [flow],
  );
  assert.deepEqual(await ion.getEvent(flow), { ...omitDue(stored), published: true });
  assert.equal((await ion.listBlobs()).length, 1);
});

function omitDue<Type extends { due?: number }>({ due: _due, ...rest }: Type) {
  return rest;
}

test("two submissions of one key at once are one event, and the second's upload is removed", async () => {
  const inner = memoryDocuments();
  let hide = false;
  const find: Documents["find"] = async (kind, flow, id) => {
    // The first look of the second submission comes before the first has written.
    const hidden = hide;
    hide = false;
    return hidden ? undefined : inner.find(kind, flow, id);
  };
  const ion = await startGateway({ documents: { ...inner, find } });
  const first = await upload(ion);
  hide = true;
  const before = await ion.readState();
  const second = await upload(ion);
  assert.equal(second.body, first.body);
  assert.deepEqual(await ion.readState(), before);
});

test("a batch that may have been written keeps its files", async () => {
  const inner = memoryDocuments();
  let fails = true;
  const ion = await startGateway({
    documents: {
      ...inner,
      batch: async (...batch) => {
        await inner.batch(...batch);
        if (!fails) return;
        fails = false;
        throw new IonError("unavailable", "the connection broke");
      },
    },
  });
  assert.equal((await upload(ion)).statusCode, 503);
  assert.equal((await ion.listBlobs()).length, 1);
  assert.equal((await upload(ion)).statusCode, 202);
  assert.equal(ion.published.length, 1);
  assert.equal((await ion.listBlobs()).length, 1);
});

test("documents that publish do it in the batch", async () => {
  const inner = memoryDocuments();
  const published: IonEvent[] = [];
  const ion = await startGateway({
    documents: {
      ...inner,
      publishes: true,
      batch: async (flow, operations, events = []) => {
        await inner.batch(flow, operations);
        published.push(...events);
      },
    },
  });
  const answer = await upload(ion);
  assert.equal(answer.statusCode, 202);
  const stored = await ion.getEvent(answer.json().eventId);
  assert.deepEqual([stored.published, stored.due], [true, undefined]);
  assert.deepEqual([published, ion.published], [[stored.event], []]);
});
