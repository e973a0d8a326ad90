import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeadLetterSummary, PageAnswer } from "../../runtime/management/api.ts";
import {
  executionOf,
  type Harness,
  idOf,
  makeEvent,
  makeExecution,
  makeLog,
  rootId,
  startManagement,
} from "./harness.ts";

/** Three dead letters of `cutter`, two of `viewer`: film 0 to 2, of which 0 and 1 are dead for both. */
async function startWithDeadLetters(): Promise<Harness> {
  const ion = await startManagement();
  await ion.bus.publish([0, 1, 2].map((index) => makeEvent("film", idOf(index))));
  await ion.setAside("cutter", "film", 3);
  await ion.setAside("viewer", "film", 2, "timeout");
  return ion;
}

async function list({ server }: Harness, query = ""): Promise<PageAnswer<DeadLetterSummary>> {
  return (await server.inject(`/api/dead-letters${query}`)).json();
}

const keys = ({ items }: PageAnswer<DeadLetterSummary>) =>
  items.map(({ module, eventId }) => `${module} ${Number(eventId.slice(-4))}`);

const replay = async ({ server }: Harness, payload: Record<string, unknown>) =>
  (await server.inject({ method: "POST", url: "/api/dead-letters/replay", payload })).json();

test("dead letters of all modules come page by page", async () => {
  const ion = await startWithDeadLetters();
  const seen: string[] = [];
  let query = "?size=2";
  for (;;) {
    const page = await list(ion, query);
    assert.ok(page.items.length <= 2);
    seen.push(...keys(page));
    if (page.next === undefined) break;
    query = `?size=2&after=${page.next}`;
  }
  assert.deepEqual(seen, ["cutter 0", "cutter 1", "cutter 2", "viewer 0", "viewer 1"]);
});

test("dead letters are found by module, type and code", async () => {
  const ion = await startWithDeadLetters();
  assert.deepEqual(keys(await list(ion, "?module=viewer")), ["viewer 0", "viewer 1"]);
  assert.deepEqual(keys(await list(ion, "?code=timeout&size=1")), ["viewer 0"]);
  assert.deepEqual(keys(await list(ion, "?type=frame")), []);
});

for (const [query, detail] of [
  ["module=nobody", "pipeline 'studio' has no module 'nobody': its modules are cutter, viewer, report"],
  ["type=nothing", "pipeline 'studio' has no event type 'nothing'"],
]) {
  test(`dead letters with ${query} are not found, rather than none`, async () => {
    const ion = await startWithDeadLetters();
    const answer = await ion.server.inject(`/api/dead-letters?${query}`);
    assert.deepEqual([answer.statusCode, answer.json().detail], [404, detail]);
  });
}

test("a dead letter is told with its data and its attempts", async () => {
  const ion = await startManagement();
  await ion.beginFlow({}, [], { url: "x" });
  await ion.bus.publish([makeEvent("film", rootId, { data: { url: "x" } })]);
  await ion.setAside("cutter", "film", 1);
  await ion.documents.create(makeExecution("cutter", { phase: "dead" }));
  await ion.documents.create(makeLog("cutter", 1, "failed"));
  const letter = (await ion.server.inject(`/api/dead-letters/${rootId}`)).json();
  assert.deepEqual([letter.module, letter.executionId], ["cutter", executionOf("cutter")]);
  assert.deepEqual([letter.data, letter.files], [{ url: "x" }, []]);
  assert.deepEqual(letter.reason, { code: "exit-code", message: "exit 1: no moov" });
  assert.equal(letter.attempts[0].error.message, "exit 1: no moov");
});

test("an event that several modules set aside asks for the module", async () => {
  const ion = await startWithDeadLetters();
  const answer = await ion.server.inject(`/api/dead-letters/${idOf(0)}`);
  assert.equal(answer.statusCode, 400);
  assert.match(answer.json().detail, /name one of cutter, viewer/);
  const one = await ion.server.inject(`/api/dead-letters/${idOf(0)}?module=viewer`);
  assert.equal(one.json().reason.code, "timeout");
});

const selections: [Record<string, unknown>, string[]][] = [
  [{ eventId: idOf(0) }, ["cutter 0", "viewer 0"]],
  [{ eventId: idOf(0), module: "viewer" }, ["viewer 0"]],
  [{ module: "cutter" }, ["cutter 0", "cutter 1", "cutter 2"]],
  [{ code: "timeout" }, ["viewer 0", "viewer 1"]],
  [{ type: "frame" }, []],
  [{ all: true }, ["cutter 0", "cutter 1", "cutter 2", "viewer 0", "viewer 1"]],
];
for (const [selector, expected] of selections) {
  test(`a replay of ${JSON.stringify(selector)} leaves the others`, async () => {
    const ion = await startWithDeadLetters();
    const before = keys(await list(ion));
    const { replayed, failed } = await replay(ion, selector);
    assert.deepEqual(keys({ items: replayed }), expected);
    assert.deepEqual(failed, []);
    assert.deepEqual(
      keys(await list(ion)),
      before.filter((key) => !expected.includes(key)),
    );
  });
}

test("one that can't be replayed stops no other and stays", async () => {
  const ion = await startManagement({
    replay: async ({ event }) => {
      if (event.id === idOf(1)) throw new Error("the store is away");
    },
  });
  await ion.bus.publish([0, 1, 2].map((index) => makeEvent("film", idOf(index))));
  await ion.setAside("cutter", "film", 3);
  const { replayed, failed } = await replay(ion, { module: "cutter" });
  assert.deepEqual(keys({ items: replayed }), ["cutter 0", "cutter 2"]);
  assert.deepEqual(failed, [{ eventId: idOf(1), module: "cutter", message: "the store is away" }]);
});
