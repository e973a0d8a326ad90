import assert from "node:assert/strict";
import { describe } from "node:test";
import { maxEventBytes } from "../../runtime/contract/limits.ts";
import type { Bus } from "../../runtime/ports/bus.ts";
import type { Operation } from "../../runtime/ports/documents.ts";
import { BusFixture, makeEvent, makeEvents, subscriptionOf, topicOf } from "./bus-fixture.ts";
import {
  documentsCase,
  hasLog,
  type MadeDocuments,
  type MakeDocuments,
  makeLog,
} from "./documents-fixture.ts";

const createLog: Operation = { kind: "create", document: makeLog(1) };

async function ensureTopic({ bus }: MadeDocuments): Promise<Bus> {
  assert.ok(bus);
  await bus.ensure([topicOf("made", "a")]);
  return bus;
}

const countWaiting = async (bus: Bus): Promise<number> => (await bus.depth(subscriptionOf("a"))).waiting;

/** What `batch` must do with events: publish them in the same atom, or refuse them. */
export function publishingSuite(name: string, make: MakeDocuments): void {
  const publishCase = documentsCase(make, ({ port }) =>
    port.publishes ? undefined : "these documents don't publish",
  );
  const refuseCase = documentsCase(make, ({ port }) =>
    port.publishes ? "these documents publish" : undefined,
  );

  describe(`${name} as Documents: batch with events`, () => {
    refuseCase("batch() with events is invalid and writes nothing", async (documents) => {
      await assert.rejects(documents.batch("flow", [createLog], makeEvents("1")), { code: "invalid" });
      assert.equal(await hasLog(documents, 1), false);
      await documents.batch("flow", [createLog], []);
      assert.equal(await hasLog(documents, 1), true);
    });

    publishCase("batch() writes its documents and publishes its events", async (documents, made) => {
      const bus = await ensureTopic(made);
      const fixture = new BusFixture({ port: bus, close: async () => {} });
      const next = fixture.receive("a").take();
      await documents.batch("flow", [createLog], [makeEvent("1", { text: "ä" })]);
      assert.equal(await hasLog(documents, 1), true);
      assert.deepEqual((await next).event, makeEvent("1", { text: "ä" }));
      await fixture.close();
    });

    publishCase(
      "batch() with a conflict publishes nothing, and forgets the events' ids",
      async (documents, made) => {
        const bus = await ensureTopic(made);
        await documents.create(makeLog(1));
        const events = makeEvents("1", "2");
        await assert.rejects(documents.batch("flow", [createLog], events), { code: "conflict" });
        assert.equal(await countWaiting(bus), 0);
        await bus.publish(events);
        assert.equal(await countWaiting(bus), 2);
      },
    );

    publishCase("batches at once publish the winner's events alone", async (documents, made) => {
      const bus = await ensureTopic(made);
      const ids = ["1", "2", "3", "4"];
      const results = await Promise.allSettled(
        ids.map((id) => documents.batch("flow", [createLog], makeEvents(id))),
      );
      const winner = results.findIndex(({ status }) => status === "fulfilled");
      assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
      const fixture = new BusFixture({ port: bus, close: async () => {} });
      assert.deepEqual(await fixture.drain("a"), [ids[winner]]);
      await fixture.close();
    });

    publishCase(
      "batch() whose event has no topic or is too large writes nothing",
      async (documents, made) => {
        const bus = await ensureTopic(made);
        const [fine] = makeEvents("1");
        assert.ok(fine);
        const lost = makeEvent("2", {}, "unknown");
        const large = makeEvent("2", { text: "x".repeat(maxEventBytes) });
        await assert.rejects(documents.batch("flow", [createLog], [fine, lost]), { code: "not-found" });
        await assert.rejects(documents.batch("flow", [createLog], [fine, large]), { code: "limit" });
        assert.equal(await hasLog(documents, 1), false);
        assert.equal(await countWaiting(bus), 0);
      },
    );

    publishCase(
      "batch() drops an event whose id the topic has seen, and writes its documents",
      async (documents, made) => {
        const bus = await ensureTopic(made);
        await bus.publish(makeEvents("1"));
        await documents.batch("flow", [createLog], makeEvents("1", "2"));
        assert.equal(await hasLog(documents, 1), true);
        assert.equal(await countWaiting(bus), 2);
      },
    );
  });
}
