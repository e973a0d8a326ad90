import assert from "node:assert/strict";
import { describe } from "node:test";
import { milliseconds } from "../../runtime/contract/duration.ts";
import { maxEventBytes } from "../../runtime/contract/limits.ts";
import { busCases, type MakeBus, makeEvent, makeEvents, topicOf } from "./bus-fixture.ts";
import { deadLettersSuite } from "./dead-letters-suite.ts";
import { settleSuite } from "./settle-suite.ts";
import { topicsSuite } from "./topics-suite.ts";

/** What every bus must do; each case has a bus of its own. */
export function busSuite(name: string, make: MakeBus): void {
  const { busCase, restartCase } = busCases(make);

  describe(`${name} as Bus: publish`, () => {
    busCase("publish() gives an event to every subscription, as it is", async ({ bus, receive }) => {
      await bus.ensure([topicOf("made", "a", "b")]);
      const event = { ...makeEvent("1", { text: "ä€😀", list: [1, { deep: null }] }), parentid: "0" };
      await bus.publish([event]);
      assert.deepEqual((await receive("a").take()).event, event);
      assert.deepEqual((await receive("b").take()).event, event);
    });

    busCase("publish() of nothing, and to a topic without subscriptions, succeeds", async ({ bus }) => {
      await bus.ensure([topicOf("made")]);
      await bus.publish([]);
      await bus.publish(makeEvents("1"));
    });

    busCase("publish() to an unknown topic fails and publishes none of its group", async (fixture) => {
      await fixture.bus.ensure([topicOf("made", "a")]);
      const group = [makeEvent("1"), makeEvent("2", {}, "unknown")];
      await assert.rejects(fixture.bus.publish(group), { code: "not-found" });
      await fixture.bus.publish(makeEvents("1", "3"));
      assert.deepEqual(await fixture.drain("a"), ["1", "3"]);
    });

    busCase(
      "publish() takes an event of the limit's size, one byte more fails its group",
      async (fixture) => {
        await fixture.bus.ensure([topicOf("made", "a")]);
        // Three bytes a character: the limit counts bytes.
        const bytes = maxEventBytes - Buffer.byteLength(JSON.stringify(makeEvent("1", { text: "" })));
        const text = "€".repeat(Math.floor(bytes / 3)) + "x".repeat(bytes % 3);
        const group = [makeEvent("2"), makeEvent("3", { text: `${text}x` })];
        await assert.rejects(fixture.bus.publish(group), { code: "limit" });
        await fixture.bus.publish([makeEvent("1", { text })]);
        assert.deepEqual(await fixture.drain("a"), ["1"]);
      },
    );

    busCase("publish() drops an event whose id the topic has seen", async (fixture) => {
      await fixture.bus.ensure([topicOf("made", "a")]);
      await fixture.bus.publish(makeEvents("1", "1"));
      await Promise.all([fixture.bus.publish(makeEvents("1", "2")), fixture.bus.publish(makeEvents("2"))]);
      assert.deepEqual(await fixture.drain("a"), ["1", "2"]);
      await fixture.bus.publish(makeEvents("1", "2", "3"));
      assert.deepEqual(await fixture.drain("a"), ["3"]);
    });

    busCase("publish() takes one id once on each topic", async (fixture) => {
      await fixture.bus.ensure([topicOf("made", "a"), topicOf("other", "a")]);
      await fixture.bus.publish([makeEvent("1"), makeEvent("1", {}, "other")]);
      assert.equal((await fixture.receive("a").take()).event.type, "made");
      assert.equal((await fixture.receive("a", { topic: "other" }).take()).event.type, "other");
    });

    restartCase("publish() after a restart drops an event whose id the topic has seen", async (fixture) => {
      await fixture.bus.ensure([topicOf("made", "a")]);
      await fixture.bus.publish(makeEvents("1", "2"));
      assert.deepEqual(await fixture.drain("a"), ["1", "2"]);
      await fixture.restart(topicOf("made", "a"));
      await fixture.bus.publish(makeEvents("1", "2", "3"));
      assert.deepEqual(await fixture.drain("a"), ["3"]);
    });

    busCase("publish() keeps its own copy of an event, and so does every delivery", async (fixture) => {
      await fixture.bus.ensure([topicOf("made", "a")]);
      const data: { list: number[] } = { list: [1] };
      await fixture.bus.publish([makeEvent("1", data)]);
      data.list.push(2);
      const receiver = fixture.receive("a");
      const delivery = await receiver.take();
      Object.assign(delivery.event.data, { list: "changed" });
      await delivery.retry(milliseconds(0), "again");
      assert.deepEqual((await receiver.take()).event.data, { list: [1] });
    });
  });

  describe(`${name} as Bus: consume`, () => {
    busCase("consume() keeps the order of publishing", async (fixture) => {
      await fixture.bus.ensure([topicOf("made", "a")]);
      const ids = Array.from({ length: 50 }, (_, index) => String(index));
      for (const id of ids) await fixture.bus.publish(makeEvents(id));
      assert.deepEqual(await fixture.drain("a"), ids);
    });

    busCase("consume() waits for what is published later", async ({ bus, receive }) => {
      await bus.ensure([topicOf("made", "a")]);
      const next = receive("a").next();
      await bus.publish(makeEvents("1"));
      assert.equal((await next)?.event.id, "1");
    });

    busCase("consume() gives each message to one of the competing consumers", async ({ bus, receive }) => {
      await bus.ensure([topicOf("made", "a")]);
      const receivers = [receive("a", { credit: 3 }), receive("a", { credit: 3 }), receive("a")];
      const early = receivers.map((receiver) => receiver.take());
      await bus.publish(makeEvents(...Array.from({ length: 9 }, (_, index) => String(index))));
      const ids = (await Promise.all(early)).map(({ event }) => event.id);
      while (ids.length < 7) ids.push((await (receivers[ids.length % 2] ?? receive("a")).take()).event.id);
      assert.equal(new Set(ids).size, 7);
    });

    busCase("consume() holds no more than the credit", async ({ bus, receive, depth }) => {
      await bus.ensure([topicOf("made", "a")]);
      await bus.publish(makeEvents("1", "2", "3", "4", "5"));
      await receive("a", { credit: 2 }).take();
      const { locked, waiting } = await depth("a");
      assert.ok(locked <= 2, `${locked} are held`);
      assert.equal(locked + waiting, 5);
    });

    busCase("consume() ends with its signal and hands back what was prefetched", async (fixture) => {
      await fixture.bus.ensure([topicOf("made", "a")]);
      await fixture.bus.publish(makeEvents("1", "2", "3"));
      const receiver = fixture.receive("a", { credit: 3 });
      const delivery = await receiver.take();
      receiver.abort();
      assert.equal(await receiver.next(), undefined);
      assert.deepEqual(await fixture.depth("a"), { waiting: 2, locked: 1, scheduled: 0, dead: 0 });
      await delivery.complete();
      assert.deepEqual(await fixture.drain("a"), ["2", "3"]);
    });

    busCase("consume() that is left hands back what was prefetched", async (fixture) => {
      await fixture.bus.ensure([topicOf("made", "a")]);
      await fixture.bus.publish(makeEvents("1", "2", "3"));
      const receiver = fixture.receive("a", { credit: 3 });
      await receiver.take();
      await receiver.leave();
      assert.deepEqual(await fixture.drain("a"), ["2", "3"]);
      assert.equal((await fixture.depth("a")).locked, 1);
    });

    busCase("consume() that waits ends with its signal, and takes nothing after it", async (fixture) => {
      await fixture.bus.ensure([topicOf("made", "a")]);
      const receiver = fixture.receive("a");
      const next = receiver.next();
      receiver.abort();
      assert.equal(await next, undefined);
      const late = fixture.receive("a");
      late.abort();
      await fixture.bus.publish(makeEvents("1"));
      assert.equal(await late.next(), undefined);
      assert.deepEqual(await fixture.drain("a"), ["1"]);
    });

    busCase("10,000 messages come once each through two consumers", async ({ bus, receive, depth }) => {
      await bus.ensure([topicOf("made", "a")]);
      const ids = Array.from({ length: 10_000 }, (_, index) => String(index));
      for (let start = 0; start < ids.length; start += 500)
        await bus.publish(makeEvents(...ids.slice(start, start + 500)));
      const seen: string[] = [];
      const consumeHalf = async () => {
        const receiver = receive("a", { credit: 250 });
        const completions: Promise<void>[] = [];
        for (let count = 0; count < ids.length / 2; count += 1) {
          const delivery = await receiver.take();
          seen.push(delivery.event.id);
          completions.push(delivery.complete());
        }
        await Promise.all(completions);
        await receiver.leave();
      };
      await Promise.all([consumeHalf(), consumeHalf()]);
      assert.equal(seen.length, ids.length);
      assert.equal(new Set(seen).size, ids.length);
      assert.deepEqual(await depth("a"), { waiting: 0, locked: 0, scheduled: 0, dead: 0 });
    });
  });

  topicsSuite(name, make);
  settleSuite(name, make);
  deadLettersSuite(name, make);
}
