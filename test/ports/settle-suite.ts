import assert from "node:assert/strict";
import { describe } from "node:test";
import { setImmediate } from "node:timers/promises";
import { hours, milliseconds } from "../../runtime/contract/duration.ts";
import type { Delivery } from "../../runtime/ports/bus.ts";
import { busCases, type MakeBus, makeEvents, topicOf } from "./bus-fixture.ts";

const settlements = {
  complete: (delivery: Delivery) => delivery.complete(),
  retry: (delivery: Delivery) => delivery.retry(hours(1), "later"),
  deadLetter: (delivery: Delivery) => delivery.deadLetter({ code: "broken", description: "It broke." }),
};

const settled = [
  { first: "complete", depth: { waiting: 0, locked: 0, scheduled: 0, dead: 0 } },
  { first: "retry", depth: { waiting: 0, locked: 0, scheduled: 1, dead: 0 } },
  { first: "deadLetter", depth: { waiting: 0, locked: 0, scheduled: 0, dead: 1 } },
] as const;

/** How every bus must take what a consumer says of a delivery. */
export function settleSuite(name: string, make: MakeBus): void {
  const { busCase, restartCase } = busCases(make);

  describe(`${name} as Bus: settle`, () => {
    for (const { first, depth } of settled) {
      busCase(`${first}() settles a delivery; what comes after it changes nothing`, async (fixture) => {
        await fixture.bus.ensure([topicOf("made", "a")]);
        await fixture.bus.publish(makeEvents("1"));
        const delivery = await fixture.receive("a").take();
        await settlements[first](delivery);
        assert.deepEqual(await fixture.depth("a"), depth);
        for (const settle of Object.values(settlements)) await settle(delivery);
        assert.deepEqual(await fixture.depth("a"), depth);
      });

      busCase(`${first}() wins over what is called while it runs`, async (fixture) => {
        await fixture.bus.ensure([topicOf("made", "a")]);
        await fixture.bus.publish(makeEvents("1"));
        const delivery = await fixture.receive("a").take();
        const others = Object.values(settlements);
        await Promise.all([settlements[first], ...others].map((settle) => settle(delivery)));
        assert.deepEqual(await fixture.depth("a"), depth);
      });
    }

    busCase("a delivery that is settled can't settle the message's next delivery", async (fixture) => {
      await fixture.bus.ensure([topicOf("made", "a")]);
      await fixture.bus.publish(makeEvents("1"));
      const delivery = await fixture.receive("a").take();
      await delivery.retry(milliseconds(0), "again");
      const next = await fixture.receive("a").take();
      for (const settle of Object.values(settlements)) await settle(delivery);
      assert.deepEqual(await fixture.depth("a"), { waiting: 0, locked: 1, scheduled: 0, dead: 0 });
      await next.complete();
      assert.deepEqual(await fixture.depth("a"), { waiting: 0, locked: 0, scheduled: 0, dead: 0 });
    });

    busCase("retry() gives the message to whoever waits, and counts", async ({ bus, receive }) => {
      await bus.ensure([topicOf("made", "a")]);
      await bus.publish(makeEvents("1"));
      const delivery = await receive("a").take();
      assert.equal(delivery.redeliveries, 0);
      const next = receive("a").take();
      await delivery.retry(milliseconds(0), "again");
      assert.equal((await next).event.id, "1");
      assert.equal((await next).redeliveries, 1);
    });

    busCase("retry() delivers no sooner than after the delay", async (fixture) => {
      await fixture.bus.ensure([topicOf("made", "a")]);
      await fixture.bus.publish(makeEvents("1"));
      const receiver = fixture.receive("a");
      const delivery = await receiver.take();
      const before = fixture.now();
      await delivery.retry(milliseconds(30), "later");
      const next = receiver.take();
      if (fixture.clock !== undefined) {
        fixture.clock.advance(29);
        assert.equal(await Promise.race([next, setImmediate("not yet")]), "not yet");
        fixture.clock.advance(1);
      }
      assert.equal((await next).event.id, "1");
      assert.ok(fixture.now() - before >= 30);
    });

    busCase("retry() doesn't hold up the messages behind", async ({ bus, receive, depth }) => {
      await bus.ensure([topicOf("made", "a")]);
      await bus.publish(makeEvents("1", "2"));
      const receiver = receive("a");
      await (await receiver.take()).retry(hours(1), "later");
      assert.deepEqual(await depth("a"), { waiting: 1, locked: 0, scheduled: 1, dead: 0 });
      assert.equal((await receiver.take()).event.id, "2");
    });

    restartCase("what isn't settled comes again after a restart, what is doesn't", async (fixture) => {
      await fixture.bus.ensure([topicOf("made", "a")]);
      await fixture.bus.publish(makeEvents("1", "2", "3", "4", "5"));
      const receiver = fixture.receive("a", { credit: 2 });
      await (await receiver.take()).complete();
      await receiver.take();
      await settlements.deadLetter(await receiver.take());
      await settlements.retry(await receiver.take());
      await fixture.restart(topicOf("made", "a"));
      assert.deepEqual(await fixture.depth("a"), { waiting: 2, locked: 0, scheduled: 1, dead: 1 });
      const after = fixture.receive("a", { credit: 2 });
      assert.deepEqual([(await after.take()).event.id, (await after.take()).event.id], ["2", "5"]);
    });

    restartCase("a retry's delay goes on after a restart", async (fixture) => {
      await fixture.bus.ensure([topicOf("made", "a")]);
      await fixture.bus.publish(makeEvents("1"));
      const delivery = await fixture.receive("a").take();
      const before = fixture.now();
      await delivery.retry(milliseconds(30), "later");
      await fixture.restart(topicOf("made", "a"));
      const next = fixture.receive("a").take();
      fixture.clock?.advance(30);
      assert.equal((await next).event.id, "1");
      assert.ok(fixture.now() - before >= 30);
    });
  });
}
