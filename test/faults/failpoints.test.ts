import assert from "node:assert/strict";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { finishAndAudit, startLife } from "./life.ts";
import type { FaultSettings, FlowAudit } from "./settings.ts";

/*
 * One event through every way an execution can go (success, retry, dead letter, fan-out), while the
 * process is killed before or after its n-th write, for every n there is.
 */

/** An undisturbed flow takes about fifty. */
const mostWrites = 1_000;

const expected: Omit<FlowAudit, "flow"> = {
  counts: { events: 6, running: 0, succeeded: 6, failed: 1, trailing: 0, reopened: 0 },
  events: { root: 1, middle: 2, leaf: 2, doomed: 1, "ion.flow_completed": 1 },
  succeeded: { splitter: 1, stubborn: 2, last: 2, dooming: 1 },
  dead: { hopeless: 1 },
  errors: ["exit-code: exit 65, and it printed nothing"],
  unfinished: 0,
  insights: 5,
  commits: 7,
  completed: 1,
  goodFiles: 2,
  badFiles: 0,
};

/** @returns how many writes the undisturbed rest took, and what came of the flow; undefined when the failpoint was never reached */
async function runOnce(
  settings: FaultSettings,
): Promise<{ reached: boolean; audit: FlowAudit[]; dead: number; writes: number }> {
  const { failpoint: _, ...undisturbed } = settings;
  const key = { kind: "submit", key: "only" } as const;
  const life = startLife(settings, "all-ways");
  await life.next("ready");
  const accepted = life.next("accepted");
  life.ask(key);
  const drained = (await accepted) === undefined ? undefined : life.next("drained");
  life.ask({ kind: "drain" });
  const reached = (await drained) === undefined;
  if (!reached) {
    const { audited, writes } = await finishAndAudit(life);
    return { reached, audit: audited.audit, dead: audited.dead, writes };
  }
  await life.died;
  const again = startLife(undisturbed, "all-ways");
  await again.next("ready");
  const acceptedAgain = again.next("accepted");
  again.ask(key);
  await acceptedAgain;
  const { audited, writes } = await finishAndAudit(again);
  return { reached, audit: audited.audit, dead: audited.dead, writes };
}

function findDeviation({ audit, dead }: { audit: FlowAudit[]; dead: number }): string | undefined {
  try {
    assert.deepEqual(
      audit.map(({ flow: _, ...rest }) => rest),
      [expected],
    );
    assert.equal(dead, 1);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

/** Kills at every write until there is none left, or one is enough; says where the flow came out wrong. */
async function runAll(
  settings: Omit<FaultSettings, "folder">,
  enough = Number.POSITIVE_INFINITY,
): Promise<{ points: number; deviations: string[] }> {
  const deviations: string[] = [];
  let points = 0;
  for (let write = 1; deviations.length < enough; write += 1) {
    for (const when of ["before", "after"] as const) {
      using temporary = mkdtempDisposableSync(join(tmpdir(), "ion-failpoint-"));
      const failpoint = { write, when };
      const result = await runOnce({ ...settings, folder: temporary.path, mostWrites, failpoint });
      if (!result.reached) return { points, deviations };
      points += 1;
      const deviation = findDeviation(result);
      if (deviation !== undefined) deviations.push(`killed ${when} write ${write}: ${deviation}`);
    }
  }
  return { points, deviations };
}

interface Mode {
  readonly settings: Omit<FaultSettings, "folder">;
  /** Fewer would mean that the flow didn't go all its ways. */
  readonly leastPoints: number;
}

const modes: Record<string, Mode> = {
  "commit and children in one transaction": { settings: { publishInCommit: true }, leastPoints: 30 },
  "the cloud's protocol": { settings: { publishInCommit: false }, leastPoints: 40 },
  "the cloud's protocol with a staged fan-out": {
    settings: { publishInCommit: false, operations: 6 },
    leastPoints: 40,
  },
};

for (const [mode, { settings, leastPoints }] of Object.entries(modes)) {
  test(`a flow survives a kill before and after every write: ${mode}`, async (t) => {
    const { points, deviations } = await runAll(settings);
    t.diagnostic(`${points} failpoints`);
    assert.ok(points >= leastPoints, `only ${points} failpoints were reached`);
    assert.deepEqual(deviations, []);
  });
}

for (const without of ["create-only", "derived-ids", "relay"] as const) {
  test(`the failpoint test fails without ${without}`, async () => {
    const falseLosses = without === "create-only" ? 0.5 : 0;
    const { deviations } = await runAll({ publishInCommit: false, without, falseLosses }, 1);
    assert.notDeepEqual(deviations, []);
  });
}
