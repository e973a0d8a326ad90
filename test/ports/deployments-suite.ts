import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineModule, event } from "ion";
import { z } from "zod";
import type { Deployments } from "../../runtime/ports/deployments.ts";

const root = event("root", z.object({}));
const makeModule = (name: string, concurrency = 1) =>
  defineModule({ name, on: root, command: ["true"], concurrency }).spec;

/** A place for dispatchers, and what was started and stopped there, in order. */
export interface DeploymentsFixture {
  readonly deployments: Deployments;
  /** `start <name> <version>` and `stop <name> <version>`. */
  readonly happened: readonly string[];
  /** The next start fails with this message. */
  readonly failNext: (message: string) => void;
}

/** What every place for dispatchers must do. */
export function deploymentsSuite(name: string, make: () => DeploymentsFixture): void {
  describe(`Deployments: ${name}`, () => {
    it("apply() starts a module's dispatcher", async () => {
      const { deployments, happened } = make();
      await deployments.apply(makeModule("a"), "1");
      assert.deepEqual(happened, ["start a 1"]);
      const found = await deployments.find("a");
      assert.equal(found?.status, "ready");
      assert.equal(found?.version, "1");
    });

    it("apply() of the same module and version changes nothing", async () => {
      const { deployments, happened } = make();
      await deployments.apply(makeModule("a"), "1");
      await deployments.apply(makeModule("a"), "1");
      assert.deepEqual(happened, ["start a 1"]);
    });

    it("apply() of another version stops the old dispatcher before the new one takes events", async () => {
      const { deployments, happened } = make();
      await deployments.apply(makeModule("a"), "1");
      await deployments.apply(makeModule("a"), "2");
      assert.deepEqual(happened, ["start a 1", "stop a 1", "start a 2"]);
    });

    it("apply() of another declaration under the same version changes the dispatcher", async () => {
      const { deployments, happened } = make();
      await deployments.apply(makeModule("a", 1), "1");
      await deployments.apply(makeModule("a", 2), "1");
      assert.deepEqual(happened, ["start a 1", "stop a 1", "start a 1"]);
    });

    it("apply() says why a dispatcher did not start, and starts it when it is asked again", async () => {
      const { deployments, failNext } = make();
      failNext("no room");
      await assert.rejects(deployments.apply(makeModule("a"), "1"), /no room/);
      const failed = await deployments.find("a");
      assert.deepEqual([failed?.status, failed?.message], ["failed", "no room"]);
      await deployments.apply(makeModule("a"), "1");
      assert.equal((await deployments.find("a"))?.status, "ready");
    });

    it("find() of a module that is not there is undefined", async () => {
      assert.equal(await make().deployments.find("a"), undefined);
    });

    it("list() gives pages in the order of the names", async () => {
      const { deployments } = make();
      for (const module of ["c", "a", "b"]) await deployments.apply(makeModule(module), "1");
      const first = await deployments.list({ size: 2 });
      assert.deepEqual(
        first.items.map(({ module }) => module.name),
        ["a", "b"],
      );
      const rest = await deployments.list({ size: 2, after: first.next ?? "" });
      assert.deepEqual(
        rest.items.map(({ module }) => module.name),
        ["c"],
      );
      assert.equal(rest.next, undefined);
    });

    it("remove() stops a dispatcher, and may be repeated", async () => {
      const { deployments, happened } = make();
      await deployments.apply(makeModule("a"), "1");
      await deployments.remove("a");
      await deployments.remove("a");
      assert.deepEqual(happened, ["start a 1", "stop a 1"]);
      assert.equal(await deployments.find("a"), undefined);
    });
  });
}
