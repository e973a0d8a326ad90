import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IonError } from "../../runtime/contract/errors.ts";
import { silentLog } from "../../runtime/contract/log.ts";
import { followRuns } from "../../runtime/dispatcher/runs.ts";
import type { Executor, Running, Transition } from "../../runtime/ports/executor.ts";
import { makeAttempt, makeRoot } from "../job/memory-platform.ts";
import { quiet } from "./house.ts";

const attempt = makeAttempt("splitter", makeRoot());
const { key, executionId } = attempt;
const running: Running = { key, executionId, attempt: 1 };

/** An executor that is told what to tell. */
function puppet(changes: Partial<Executor> = {}) {
  const { readable, writable } = new TransformStream<Transition, Transition>();
  const writer = writable.getWriter();
  const cancelled: string[] = [];
  const executor: Executor = {
    submit: async () => {},
    watch: () => readable,
    async *list() {},
    cancel: async (cancelledKey) => void cancelled.push(cancelledKey),
    logs: () => Promise.reject(new IonError("not-found", "there is no log")),
    ...changes,
  };
  return { executor, cancelled, tell: (transition: Transition) => void writer.write(transition) };
}

const follow = (executor: Executor) => followRuns(executor, silentLog, new AbortController().signal);

describe("the runs of a dispatcher", () => {
  it("are one for each key, whoever asks", async () => {
    const submitted: string[] = [];
    const { executor, tell } = puppet({ submit: async (each) => void submitted.push(each.key) });
    const runs = await follow(executor);
    const both = [runs.run(attempt), runs.run(attempt), runs.join(executionId, 1)];
    tell({ key, state: "succeeded" });
    assert.deepEqual(
      (await Promise.all(both)).map(({ state }) => state),
      ["succeeded", "succeeded", "succeeded"],
    );
    assert.deepEqual(submitted, [key]);
  });

  it("are those too that went on before", async () => {
    const { executor, tell } = puppet({
      async *list() {
        yield running;
      },
    });
    const runs = await follow(executor);
    assert.equal(await runs.isRunning(executionId, 1), true);
    const ended = runs.join(executionId, 1);
    tell({ key, state: "lost", reason: "its node went away" });
    assert.equal((await ended).state, "lost");
  });

  it("don't include one whose end was told before an old listing named it", async () => {
    const told = Promise.withResolvers<void>();
    let listings = 0;
    const { executor, tell } = puppet({
      async *list() {
        listings += 1;
        if (listings > 1) return;
        await told.promise;
        await quiet();
        yield running;
      },
    });
    const following = follow(executor);
    tell({ key, state: "succeeded" });
    told.resolve();
    const runs = await following;
    assert.equal(await runs.isRunning(executionId, 1), false);
  });

  it("end as lost for who joins one that has ended unseen", async () => {
    const runs = await follow(puppet().executor);
    assert.deepEqual(await runs.join(executionId, 1), { key, state: "lost", reason: "it ended unseen" });
  });

  it("that can't be submitted are told to all who wait, and are forgotten", async () => {
    const refused = new IonError("unavailable", "the executor is away");
    const { executor } = puppet({ submit: () => Promise.reject(refused) });
    const runs = await follow(executor);
    const submitting = runs.run(attempt);
    const joining = runs.join(executionId, 1);
    await assert.rejects(submitting, refused);
    assert.equal((await joining).state, "lost");
    assert.equal(await runs.isRunning(executionId, 1), false);
  });

  it("are cancelled where somebody waits for them, not where another dispatcher does", async () => {
    const other = makeAttempt("splitter", makeRoot("other"));
    const { executor, cancelled } = puppet({
      async *list() {
        yield running;
      },
    });
    const runs = await follow(executor);
    void runs.run(other);
    await runs.cancelAll();
    assert.deepEqual(cancelled, [other.key]);
  });

  it("are cancelled only once the executor has them", async () => {
    const order: string[] = [];
    const { executor } = puppet({
      submit: async () => {
        await quiet();
        order.push("submitted");
      },
      cancel: async () => void order.push("cancelled"),
    });
    const runs = await follow(executor);
    void runs.run(attempt);
    await runs.cancelAll();
    assert.deepEqual(order, ["submitted", "cancelled"]);
  });
});
