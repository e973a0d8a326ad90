import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { temporaryFolder } from "../temporary-folder.ts";
import { finishAndAudit, type Life, startLife } from "./life.ts";
import type { FaultSettings, FlowAudit } from "./settings.ts";

/*
 * 500 events through splitter -> worker -> last with a fan-out of two, while the whole process is
 * killed at random instants. Latencies widen every window, and some attempts are said to be lost
 * while they go on.
 */

interface Scale {
  readonly events: number;
  readonly kills: number;
}

const full: Scale = { events: 500, kills: 30 };
/** Enough to catch a missing protection every time; the full scale is for showing that none is missing. */
const small: Scale = { events: 150, kills: 15 };

const expected: Omit<FlowAudit, "flow"> = {
  counts: { events: 5, running: 0, succeeded: 5, failed: 0, trailing: 0, reopened: 0 },
  events: { root: 1, middle: 2, leaf: 2, "ion.flow_completed": 1 },
  succeeded: { splitter: 1, worker: 2, last: 2 },
  dead: {},
  errors: [],
  unfinished: 0,
  insights: 5,
  commits: 5,
  completed: 1,
  goodFiles: 4,
  badFiles: 0,
};

/** Sends what is not accepted yet, and notes what is; resolves when all are. */
function feed(life: Life, keys: readonly string[], accepted: Set<string>): Promise<void> {
  return new Promise((resolve) => {
    const missing = new Set(keys.filter((key) => !accepted.has(key)));
    if (missing.size === 0) return resolve();
    life.onAnswer((answer) => {
      if (answer.kind !== "accepted") return;
      accepted.add(answer.key);
      missing.delete(answer.key);
      if (missing.size === 0) resolve();
    });
    for (const key of missing) life.ask({ kind: "submit", key });
  });
}

async function runKilled(
  settings: FaultSettings,
  { events, kills }: Scale,
): Promise<{ audit: FlowAudit[]; dead: number }> {
  const keys = Array.from({ length: events }, (_, index) => `key-${index}`);
  const accepted = new Set<string>();
  const perLife = Math.ceil(events / kills);
  for (let round = 0; round < kills; round += 1) {
    const life = startLife(settings, "chain");
    await life.next("ready");
    void feed(life, keys.slice(0, perLife * (round + 1)), accepted);
    await Promise.race([delay(Math.random() * 250), life.died]);
    await life.kill();
  }
  const life = startLife({ ...settings, deathsAfterBatch: 0 }, "chain");
  await life.next("ready");
  const died = life.died.then(() => assert.fail("the platform died by itself"));
  await Promise.race([feed(life, keys, accepted), died]);
  const { audited } = await finishAndAudit(life);
  return { audit: audited.audit, dead: audited.dead };
}

function listDeviations(audit: readonly FlowAudit[], events: number, dead: number): string[] {
  const deviations = audit
    .filter(({ flow: _, ...rest }) => {
      try {
        assert.deepEqual(rest, expected);
        return false;
      } catch {
        return true;
      }
    })
    .map((flow) => JSON.stringify(flow));
  if (audit.length !== events) deviations.push(`${audit.length} flows instead of ${events}`);
  if (dead > 0) deviations.push(`${dead} dead letters`);
  return deviations;
}

const common = { latencyMilliseconds: 4, falseLosses: 0.05 } as const;

for (const publishInCommit of [true, false]) {
  const mode = publishInCommit ? "commit and children in one transaction" : "the cloud's protocol";
  test(`${full.events} events survive ${full.kills} kills: ${mode}`, async (t) => {
    const settings = { folder: temporaryFolder(t), publishInCommit, ...common };
    const { audit, dead } = await runKilled(settings, full);
    assert.deepEqual(listDeviations(audit, full.events, dead), []);
  });
}

for (const without of ["create-only", "derived-ids", "relay"] as const) {
  test(`the kill test fails without ${without}`, async (t) => {
    const settings = { folder: temporaryFolder(t), publishInCommit: false, without, ...common };
    const { audit, dead } = await runKilled(settings, small);
    assert.notDeepEqual(listDeviations(audit, small.events, dead), []);
  });
}
