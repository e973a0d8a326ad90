import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IonError } from "../../runtime/contract/errors.ts";
import type { Delivery } from "../../runtime/ports/bus.ts";
import type { Documents } from "../../runtime/ports/documents.ts";
import { emits } from "../job/memory-platform.ts";
import { openHouse, until } from "./house.ts";

const away = new IonError("unavailable", "no connection");

/** Something that fails until it's mended. */
class Outage {
  #isOn = false;

  begin(): void {
    this.#isOn = true;
  }

  end(): void {
    this.#isOn = false;
  }

  async through<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#isOn) throw away;
    return call();
  }
}

function breakDocuments(documents: Documents, outage: Outage): Documents {
  return {
    ...documents,
    create: (document) => outage.through(() => documents.create(document)),
    replace: (document, etag) => outage.through(() => documents.replace(document, etag)),
    batch: (flow, operations, events) => outage.through(() => documents.batch(flow, operations, events)),
    find: (kind, flow, id) => outage.through(() => documents.find(kind, flow, id)),
  };
}

describe("while the platform fails", () => {
  it("documents that can't be written lose no message and count no attempt", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    const broken = new Outage();
    broken.begin();
    await house.start("splitter", { documents: breakDocuments(house.platform.documents, broken) });
    await house.pass(() => house.log.said.length >= 20, "it has failed twenty times");
    broken.end();
    await house.passUntilRun(1);
    await house.runs[0]?.succeed();
    await until(() => house.isDone(), "the message is completed");
    const { attempt, interruptions } = await house.execution(flow);
    assert.deepEqual([attempt, interruptions], [1, 0]);
  });

  it("a failure that can't be written down uses up no attempt", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    const broken = new Outage();
    await house.start("splitter", { documents: breakDocuments(house.platform.documents, broken) });
    const run = await house.run(1);
    broken.begin();
    run.fail();
    await house.pass(() => house.log.said.length >= 20, "it has failed twenty times");
    broken.end();
    await house.passUntilRun(2);
    const { attempt, interruptions, phase } = await house.execution(flow);
    assert.deepEqual([attempt, interruptions, phase], [2, 1, "running"]);
  });

  it("an executor that is away begins the same attempt when it's back", async () => {
    await using house = await openHouse();
    const { id: flow } = await house.platform.beginFlow();
    const broken = new Outage();
    broken.begin();
    const { executor } = house;
    await house.start("splitter", {
      executor: { ...executor, submit: (attempt) => broken.through(() => executor.submit(attempt)) },
    });
    await house.pass(() => house.log.said.length >= 30, "it has failed thirty times");
    broken.end();
    await house.passUntilRun(1);
    const { attempt, interruptions } = await house.execution(flow);
    assert.deepEqual([attempt, interruptions], [1, 0]);
  });

  it("a dispatcher that stops hands back what its executor couldn't begin", async () => {
    await using house = await openHouse();
    await house.platform.beginFlow();
    const broken = new Outage();
    broken.begin();
    const { executor } = house;
    const dispatcher = await house.start("splitter", {
      executor: { ...executor, submit: (attempt) => broken.through(() => executor.submit(attempt)) },
    });
    await until(() => house.log.said.length > 0, "it has failed");
    await dispatcher.stop();
    const { locked, scheduled } = await house.platform.bus.depth({ topic: "root", module: "splitter" });
    assert.deepEqual([locked, scheduled], [0, 1]);
  });

  it("a completion that fails is made good at the redelivery, without another run", async () => {
    await using house = await openHouse();
    await house.platform.beginFlow();
    const broken = new Outage();
    broken.begin();
    const { bus } = house.platform;
    const breakDelivery = (delivery: Delivery): Delivery => ({
      ...delivery,
      complete: () => broken.through(() => delivery.complete()),
    });
    await house.start("splitter", {
      bus: {
        ...bus,
        async *consume(subscription, options) {
          for await (const delivery of bus.consume(subscription, options)) yield breakDelivery(delivery);
        },
      },
    });
    await (await house.run(1)).succeed(emits(2));
    await until(() => house.log.said.length > 0, "it can't complete");
    broken.end();
    await house.pass(() => house.isDone(), "the message is completed");
    assert.equal(house.runs.length, 1);
    assert.equal((await house.platform.waiting("worker")).length, 2);
  });

  it("a bus that can't even take the message back gives it to the next who asks", async () => {
    await using house = await openHouse();
    await house.platform.beginFlow();
    const broken = new Outage();
    broken.begin();
    const { bus, documents } = house.platform;
    const cutOff = (delivery: Delivery): Delivery => ({ ...delivery, retry: () => Promise.reject(away) });
    await house.start("splitter", {
      documents: breakDocuments(documents, broken),
      bus: {
        ...bus,
        async *consume(subscription, options) {
          for await (const delivery of bus.consume(subscription, options)) yield cutOff(delivery);
        },
      },
    });
    await until(() => house.log.said.length > 0, "it has failed");
    house.platform.clock.advance(1_000);
    broken.end();
    bus.releaseLocks();
    await (await house.run(1)).succeed();
    await until(() => house.isDone(), "the message is completed");
  });
});
