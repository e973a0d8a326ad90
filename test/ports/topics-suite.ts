import assert from "node:assert/strict";
import { describe } from "node:test";
import type { Filter } from "../../runtime/contract/event.ts";
import type { JsonObject } from "../../runtime/contract/json.ts";
import { busCases, type MakeBus, makeEvent, makeEvents, subscriptionOf, topicOf } from "./bus-fixture.ts";

const filterCases: readonly {
  title: string;
  filters: readonly Filter[];
  passing: readonly JsonObject[];
  dropped: readonly JsonObject[];
}[] = [
  { title: "an empty filter", filters: [{}], passing: [{}, { kind: "video" }], dropped: [] },
  {
    title: "one value",
    filters: [{ kind: "video" }],
    passing: [{ kind: "video", more: 1 }],
    dropped: [{ kind: "image" }, {}, { kind: null }],
  },
  {
    title: "several values of a field as any of them",
    filters: [{ kind: ["video", "image"] }],
    passing: [{ kind: "video" }, { kind: "image" }],
    dropped: [{ kind: "text" }, {}],
  },
  {
    title: "several fields as all of them",
    filters: [{ kind: "video", long: true }],
    passing: [{ kind: "video", long: true }],
    dropped: [{ kind: "video", long: false }, { kind: "video" }, { long: true }],
  },
  {
    title: "several filters as any of them",
    filters: [{ kind: "video" }, { long: true }],
    passing: [{ kind: "video" }, { long: true }, { kind: "video", long: true }],
    dropped: [{ kind: "image", long: false }],
  },
  {
    title: "the type of a value",
    filters: [{ size: 1 }],
    passing: [{ size: 1 }],
    dropped: [{ size: "1" }, { size: true }],
  },
];

/** How every bus must make topics and subscriptions, and keep to their filters. */
export function topicsSuite(name: string, make: MakeBus): void {
  const { busCase, restartCase } = busCases(make);

  describe(`${name} as Bus: topics`, () => {
    busCase("ensure() twice changes nothing", async ({ bus, depth }) => {
      await bus.ensure([topicOf("made", "a")]);
      await bus.publish(makeEvents("1"));
      await bus.ensure([topicOf("made", "a")]);
      assert.equal((await depth("a")).waiting, 1);
      await bus.publish(makeEvents("1", "2"));
      assert.equal((await depth("a")).waiting, 2);
    });

    busCase("ensure() adds a subscription, for what is published from then on", async (fixture) => {
      await fixture.bus.ensure([topicOf("made", "a")]);
      await fixture.bus.publish(makeEvents("1"));
      await fixture.bus.ensure([topicOf("made", "a", "b")]);
      await fixture.bus.publish(makeEvents("2"));
      assert.deepEqual(await fixture.drain("a"), ["1", "2"]);
      assert.deepEqual(await fixture.drain("b"), ["2"]);
    });

    busCase("ensure() changes a subscription's filters", async (fixture) => {
      const withKind = (kind: string) => [
        { type: "made", subscriptions: [{ module: "a", filters: [{ kind }] }] },
      ];
      await fixture.bus.ensure(withKind("old"));
      await fixture.bus.ensure(withKind("new"));
      await fixture.bus.publish([makeEvent("1", { kind: "old" }), makeEvent("2", { kind: "new" })]);
      assert.deepEqual(await fixture.drain("a"), ["2"]);
    });

    busCase("ensure() removes neither topics nor subscriptions that it isn't given", async (fixture) => {
      await fixture.bus.ensure([topicOf("made", "a", "b"), topicOf("other")]);
      await fixture.bus.ensure([topicOf("made", "a")]);
      await fixture.bus.publish([makeEvent("1"), makeEvent("2", {}, "other")]);
      assert.deepEqual(await fixture.drain("a"), ["1"]);
      assert.deepEqual(await fixture.drain("b"), ["1"]);
    });

    restartCase("ensure() after a restart removes no subscription that it isn't given", async (fixture) => {
      const filtered = { module: "b", filters: [{ kind: "video" }] };
      await fixture.bus.ensure([topicOf("made", "a"), { type: "made", subscriptions: [filtered] }]);
      await fixture.restart(topicOf("made", "a"));
      await fixture.bus.publish([makeEvent("1", { kind: "video" }), makeEvent("2", { kind: "image" })]);
      assert.deepEqual(await fixture.drain("a"), ["1", "2"]);
      assert.deepEqual(await fixture.drain("b"), ["1"]);
    });

    busCase("a subscription that isn't there is not-found", async ({ bus, receive }) => {
      await bus.ensure([topicOf("made", "a")]);
      await assert.rejects(receive("b").next(), { code: "not-found" });
      await assert.rejects(bus.depth(subscriptionOf("b")), { code: "not-found" });
      assert.throws(() => bus.deadLetters(subscriptionOf("a", "other")), { code: "not-found" });
    });

    for (const { title, filters, passing, dropped } of filterCases) {
      busCase(`a subscription's filters: ${title}`, async (fixture) => {
        await fixture.bus.ensure([{ type: "made", subscriptions: [{ module: "a", filters }] }]);
        await fixture.bus.publish([
          ...dropped.map((data, index) => makeEvent(`dropped ${index}`, data)),
          ...passing.map((data, index) => makeEvent(`passing ${index}`, data)),
        ]);
        assert.deepEqual(
          await fixture.drain("a"),
          passing.map((_, index) => `passing ${index}`),
        );
      });
    }
  });
}
