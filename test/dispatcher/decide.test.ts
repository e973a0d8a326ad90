import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { documentId, type ExecutionDocument } from "../../runtime/contract/documents.ts";
import type { ModuleSpec } from "../../runtime/contract/module.ts";
import {
  backoffMilliseconds,
  beginExecution,
  decide,
  decideEnd,
  maxInterruptions,
} from "../../runtime/dispatcher/decide.ts";
import type { EndTransition } from "../../runtime/ports/executor.ts";
import { getModule, makeRoot } from "../job/memory-platform.ts";
import { crash, misuse } from "./house.ts";

const now = 1_000_000;
const module = getModule("splitter");
const begun = beginExecution("execution", makeRoot(), module, "v1", now);
const makeDocument = (changes: Partial<ExecutionDocument>): ExecutionDocument => ({ ...begun, ...changes });

const arrives = (changes: Partial<ExecutionDocument>, isRunning = false) =>
  decide({ document: makeDocument(changes), isRunning, arrivedAt: now + 1, version: "v2", now: now + 1 });

const failed = { key: "key", state: "failed", failure: crash } as const;
const lost = { key: "key", state: "lost", reason: "its node went away" } as const;
const ends = (changes: Partial<ExecutionDocument>, end: EndTransition) =>
  decideEnd({ document: makeDocument(changes), end, module, version: "v2", now, random: 1 });

describe("an execution begins", () => {
  it("with attempt 1, under an id that derives from it", () => {
    assert.equal(begun.id, documentId.execution("execution"));
    assert.deepEqual([begun.phase, begun.attempt, begun.interruptions, begun.forgiven], ["running", 1, 0, 0]);
    assert.equal("afterflow" in begun, false);
  });

  it("as part of the afterflow when its event is", () => {
    const after = beginExecution("execution", { ...makeRoot(), afterflow: true }, module, "v1", now);
    assert.equal(after.afterflow, true);
  });
});

describe("decide() on a redelivery", () => {
  it("finishes an execution that has succeeded", () => {
    assert.deepEqual(arrives({ phase: "succeeded" }), { kind: "finish" });
  });

  it("sets a dead execution aside with its reason", () => {
    assert.deepEqual(arrives({ phase: "dead", error: misuse }), { kind: "setAside", failure: misuse });
  });

  it("joins an attempt that runs", () => {
    assert.equal(arrives({}, true).kind, "join");
  });

  it("lets an attempt begin that is about to be submitted by somebody else", () => {
    assert.deepEqual(arrives({ attemptStartedAt: now + 1 }), { kind: "wait", milliseconds: 1_000 });
  });

  it("runs another attempt, with today's version, where the last one is gone", () => {
    const decision = arrives({});
    assert.ok(decision.kind === "run");
    const { attempt, interruptions, version, attemptStartedAt } = decision.document;
    assert.deepEqual([attempt, interruptions, version, attemptStartedAt], [2, 1, "v2", now + 1]);
  });

  it("waits until the next attempt is due", () => {
    assert.deepEqual(arrives({ phase: "waiting", notBefore: now + 501 }), {
      kind: "wait",
      milliseconds: 500,
    });
  });

  it("runs the next attempt when it's due", () => {
    const decision = arrives({ phase: "waiting", notBefore: now + 1 });
    assert.ok(decision.kind === "run");
    assert.deepEqual([decision.document.attempt, decision.document.interruptions], [2, 0]);
    assert.equal("notBefore" in decision.document, false);
  });
});

describe("decideEnd()", () => {
  it("finishes after a success", () => {
    assert.deepEqual(ends({}, { key: "key", state: "succeeded" }), { kind: "finish" });
  });

  it("plans another attempt after a failure", () => {
    const outcome = ends({}, failed);
    assert.ok(outcome.kind === "retry");
    assert.equal(outcome.delayMilliseconds, 1_000);
    assert.deepEqual([outcome.document.phase, outcome.document.notBefore], ["waiting", now + 1_000]);
    assert.deepEqual(outcome.document.error, crash);
  });

  for (const [title, changes, end] of [
    ["the last attempt", { attempt: 3 }, failed],
    ["the last attempt besides interrupted ones", { attempt: 5, interruptions: 2 }, failed],
    ["the last attempt since a replay", { attempt: 6, forgiven: 3 }, failed],
    ["a permanent failure", {}, { ...failed, failure: misuse }],
    ["too many interruptions", { attempt: maxInterruptions + 1, interruptions: maxInterruptions }, lost],
  ] as const) {
    it(`buries the execution after ${title}`, () => {
      const outcome = ends(changes, end);
      assert.ok(outcome.kind === "bury");
      assert.deepEqual([outcome.document.phase, outcome.document.endedAt], ["dead", now]);
      assert.deepEqual(outcome.document.error, outcome.failure);
    });
  }

  for (const [title, changes] of [
    ["an interrupted one", { attempt: 3, interruptions: 1 }],
    ["a forgiven one", { attempt: 3, forgiven: 1 }],
  ] as const) {
    it(`doesn't count ${title}`, () => assert.equal(ends(changes, failed).kind, "retry"));
  }

  it("runs the next attempt at once after a lost run", () => {
    const outcome = ends({}, lost);
    assert.ok(outcome.kind === "run");
    assert.deepEqual([outcome.document.attempt, outcome.document.interruptions], [2, 1]);
  });

  it("says how often and why an execution was interrupted", () => {
    const outcome = ends({ attempt: maxInterruptions + 1, interruptions: maxInterruptions }, lost);
    assert.ok(outcome.kind === "bury");
    assert.equal(outcome.failure.code, "interrupted-too-often");
    const { message } = outcome.failure;
    assert.ok(
      message.includes(`${maxInterruptions + 1} times`) && message.includes(`at most ${maxInterruptions}`),
      message,
    );
    assert.match(message, /its node went away/);
  });
});

const retryOptions = fc
  .tuple(fc.nat(600_000), fc.nat(600_000), fc.integer({ min: 1, max: 6 }))
  .map(([a, b, attempts]): ModuleSpec["retry"] => ({
    attempts,
    minDelayMilliseconds: Math.min(a, b),
    maxDelayMilliseconds: Math.max(a, b),
    permanentExitCodes: [],
  }));
const random = fc.double({ min: 0, max: 1, noNaN: true });

describe("the backoff", () => {
  it("is a whole number between the declared bounds, whatever the attempt", () => {
    fc.assert(
      fc.property(retryOptions, fc.integer({ min: 1, max: 5_000 }), random, (retry, attempts, value) => {
        const delay = backoffMilliseconds(retry, attempts, value);
        assert.ok(Number.isInteger(delay), `${delay} is a whole number`);
        assert.ok(delay >= retry.minDelayMilliseconds && delay <= retry.maxDelayMilliseconds);
      }),
      { examples: [[{ ...module.retry, minDelayMilliseconds: 0 }, 2_000, 1]] },
    );
  });

  it("doubles its upper bound with each attempt, up to the longest", () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8].map((attempts) => backoffMilliseconds(module.retry, attempts, 1));
    assert.deepEqual(delays, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it("falls anywhere between the bounds", () => {
    const delays = [0, 0.5, 1].map((value) => backoffMilliseconds(module.retry, 3, value));
    assert.deepEqual(delays, [1_000, 2_500, 4_000]);
  });
});

/** What may befall an execution: how its runs end, and deliveries in between. */
const happening = fc.constantFrom(
  "fail",
  "fail",
  "lose",
  "redeliver",
  "redeliver while it runs",
  "too early",
);

/** Takes an execution through its life; counts what was run. */
function live(retry: ModuleSpec["retry"], happenings: readonly string[]) {
  let document = begun;
  let [runs, failures, time] = [1, 0, now];
  for (const what of happenings) {
    const input = { document, version: "v1", now: time };
    const isLate = what !== "too early";
    if (isLate) time += 1_000_000;
    const isEnd = document.phase === "running" && (what === "fail" || what === "lose");
    if (isEnd && what === "fail") failures += 1;
    const outcome = isEnd
      ? decideEnd({
          ...input,
          end: what === "fail" ? failed : lost,
          module: { ...module, retry },
          random: 0.5,
        })
      : decide({ ...input, now: time, arrivedAt: time, isRunning: what === "redeliver while it runs" });
    if (outcome.kind === "run") runs += 1;
    if ("document" in outcome) document = outcome.document;
  }
  return { document, runs, failures };
}

describe("whatever befalls an execution", () => {
  it("no more attempts fail than declared, and no more runs are begun than are forgiven", () => {
    fc.assert(
      fc.property(
        retryOptions,
        fc.array(happening, { maxLength: 2 * maxInterruptions }),
        (retry, happenings) => {
          const { document, runs, failures } = live(retry, happenings);
          assert.ok(failures <= retry.attempts, `${failures} of ${retry.attempts} attempts have failed`);
          assert.equal(runs, document.attempt);
          assert.ok(document.interruptions <= maxInterruptions);
          assert.ok(runs <= retry.attempts + maxInterruptions, `${runs} runs were begun`);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("nothing is begun once it has ended", () => {
    fc.assert(
      fc.property(fc.constantFrom("succeeded", "dead"), fc.boolean(), fc.nat(), (phase, isRunning, time) => {
        const document = makeDocument({ phase });
        const { kind } = decide({ document, isRunning, arrivedAt: time, version: "v2", now: time });
        assert.equal(kind, phase === "dead" ? "setAside" : "finish");
      }),
    );
  });
});
