import assert from "node:assert/strict";
import { describe } from "node:test";
import type { DeadLetters } from "../../runtime/ports/bus.ts";
import { eachItem } from "../../runtime/ports/page.ts";
import {
  type BusFixture,
  busCases,
  type MakeBus,
  makeEvents,
  subscriptionOf,
  topicOf,
} from "./bus-fixture.ts";

const broken = { code: "broken", description: "It broke." };

const listIds = async (letters: DeadLetters, size?: number): Promise<string[]> =>
  (await Array.fromAsync(eachItem((page) => letters.list(page), size))).map(({ event }) => event.id);

/** Publishes events for module `a` and sets each aside. */
async function setAside({ bus, receive }: BusFixture, ...ids: readonly string[]): Promise<DeadLetters> {
  await bus.ensure([topicOf("made", "a", "b")]);
  await bus.publish(makeEvents(...ids));
  const receiver = receive("a");
  for (const _ of ids) await (await receiver.take()).deadLetter({ ...broken });
  await receiver.leave();
  return bus.deadLetters(subscriptionOf("a"));
}

/** What every bus must do with the messages that were set aside. */
export function deadLettersSuite(name: string, make: MakeBus): void {
  const { busCase, restartCase } = busCases(make);

  describe(`${name} as Bus: dead letters`, () => {
    busCase("find() gives the event, its subscription, the reason and the time", async (fixture) => {
      const before = fixture.now();
      const letters = await setAside(fixture, "1");
      const found = await letters.find("1");
      assert.ok(found);
      const { since, ...rest } = found;
      const [event] = makeEvents("1");
      assert.deepEqual(rest, { event, subscription: subscriptionOf("a"), reason: broken });
      assert.ok(since >= before && since <= fixture.now());
    });

    busCase("find() gives undefined for a message that isn't set aside", async (fixture) => {
      const letters = await setAside(fixture, "1");
      await fixture.bus.publish(makeEvents("2"));
      assert.equal(await letters.find("2"), undefined);
      assert.equal(await letters.find("unknown"), undefined);
    });

    busCase("list() gives pages, the oldest first", async (fixture) => {
      const letters = await setAside(fixture, "3", "1", "2", "5", "4");
      const first = await letters.list({ size: 2 });
      assert.deepEqual(
        first.items.map(({ event }) => event.id),
        ["3", "1"],
      );
      assert.deepEqual(await listIds(letters, 2), ["3", "1", "2", "5", "4"]);
      assert.equal((await letters.list({ size: 5 })).next, undefined, "the last page says so");
      assert.equal((await letters.list()).items.length, 5);
    });

    busCase("list() gives nothing where nothing is set aside", async ({ bus }) => {
      await bus.ensure([topicOf("made", "a")]);
      assert.deepEqual(await bus.deadLetters(subscriptionOf("a")).list(), { items: [] });
    });

    busCase("reading changes nothing, whatever is done with what was read", async (fixture) => {
      const letters = await setAside(fixture, "1");
      const found = await letters.find("1");
      assert.ok(found);
      Object.assign(found.event.data, { changed: true });
      Object.assign(found.reason, { code: "changed" });
      assert.deepEqual((await letters.list()).items[0]?.event.data, {});
      assert.deepEqual((await letters.find("1"))?.reason, broken);
      assert.equal((await fixture.depth("a")).dead, 1);
    });

    busCase("a message set aside for one module is delivered to the other", async (fixture) => {
      await setAside(fixture, "1");
      assert.equal((await fixture.receive("b").take()).event.id, "1");
      assert.deepEqual((await fixture.bus.deadLetters(subscriptionOf("b")).list()).items, []);
    });

    busCase("resubmit() delivers the message again, to whoever waits", async (fixture) => {
      const letters = await setAside(fixture, "1");
      const next = fixture.receive("a").take();
      await letters.resubmit("1");
      assert.equal((await next).event.id, "1");
      assert.deepEqual((await letters.list()).items, []);
      assert.deepEqual(await fixture.depth("a"), { waiting: 0, locked: 1, scheduled: 0, dead: 0 });
    });

    busCase("resubmit() of what isn't set aside is not-found", async (fixture) => {
      const letters = await setAside(fixture, "1");
      await fixture.bus.publish(makeEvents("2"));
      await assert.rejects(letters.resubmit("2"), { code: "not-found" });
      await assert.rejects(letters.resubmit("unknown"), { code: "not-found" });
      await letters.resubmit("1");
      await assert.rejects(letters.resubmit("1"), { code: "not-found" });
      assert.equal((await fixture.depth("a")).waiting, 2);
    });

    busCase("resubmit() twice at once succeeds once", async (fixture) => {
      const letters = await setAside(fixture, "1");
      const results = await Promise.allSettled([letters.resubmit("1"), letters.resubmit("1")]);
      assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
      assert.equal((await fixture.depth("a")).waiting, 1);
    });

    busCase("a message can be set aside again, for another reason", async (fixture) => {
      const letters = await setAside(fixture, "1");
      await letters.resubmit("1");
      const again = { code: "again", description: "It broke again." };
      await (await fixture.receive("a").take()).deadLetter(again);
      assert.deepEqual((await letters.find("1"))?.reason, again);
    });

    busCase("every page can be resubmitted before the next is read", async (fixture) => {
      const letters = await setAside(fixture, "1", "2", "3", "4", "5");
      for await (const { event } of eachItem((page) => letters.list(page), 2))
        await letters.resubmit(event.id);
      assert.deepEqual(await fixture.depth("a"), { waiting: 5, locked: 0, scheduled: 0, dead: 0 });
    });

    restartCase("dead letters outlive a restart and can be resubmitted after it", async (fixture) => {
      await setAside(fixture, "1", "2");
      await fixture.restart(topicOf("made", "a", "b"));
      const letters = fixture.bus.deadLetters(subscriptionOf("a"));
      assert.deepEqual(await listIds(letters), ["1", "2"]);
      await letters.resubmit("2");
      assert.equal((await fixture.receive("a").take()).event.id, "2");
      await letters.resubmit("1");
      assert.equal((await fixture.receive("a").take()).event.id, "1");
    });
  });
}
