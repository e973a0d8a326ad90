import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { localBus } from "../../../runtime/adapters/local/bus.ts";
import { localDocuments } from "../../../runtime/adapters/local/documents.ts";
import { openStore } from "../../../runtime/adapters/local/store/store.ts";
import { eachItem } from "../../../runtime/ports/page.ts";
import { BusFixture, topicOf } from "../../ports/bus-fixture.ts";

const rounds = 20;
const writer = fileURLToPath(new URL("./write-until-killed.ts", import.meta.url));

/** Numbers in [0, 1), the same in every run. https://en.wikipedia.org/wiki/Linear_congruential_generator */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Runs the writer until it has had so many answers, kills it there, and says which writes were answered. */
async function writeAndKill(file: string, flow: string, answers: number): Promise<Set<number>> {
  const child = spawn(process.execPath, [writer, file, flow], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  const answered = new Set<number>();
  for await (const line of createInterface(child.stdout)) {
    answered.add(Number(line));
    if (answered.size === answers) child.kill("SIGKILL");
  }
  const [, signal] = await closed;
  assert.equal(signal, "SIGKILL");
  return answered;
}

/** What of a flow's writes is in the file, and whether each is whole. */
async function readBack(file: string, flow: string) {
  const store = await openStore(file);
  const bus = localBus({ store });
  await bus.ensure([topicOf("made", "a")]);
  const documents = localDocuments({ store, bus });
  const fixture = new BusFixture({ port: bus, close: () => store.close() });
  const delivered = await fixture.drain("a");
  const logs = await Array.fromAsync(eachItem((page) => documents.query(flow, "log", page)));
  const counts = (await documents.find("flow", flow, "flow"))?.document.counts.events ?? 0;
  await fixture.close();
  return { delivered, attempts: logs.map(({ document }) => document.attempt), counts };
}

test("what the store has answered outlives SIGKILL, and nothing is half there", {
  timeout: 180_000,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "ion-kill-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "ion.db");
  const random = seededRandom(1);
  for (let round = 0; round < rounds; round += 1) {
    const flow = `round ${round}`;
    const answered = await writeAndKill(file, flow, 1 + Math.floor(random() * 200));
    const { delivered, attempts, counts } = await readBack(file, flow);
    const events = new Set(delivered);
    assert.equal(events.size, delivered.length, "a message came twice");
    const numbers = new Set(delivered.map((id) => Number(id.split("/")[1])));
    for (const number of answered) assert.ok(numbers.has(number), `${flow}: write ${number} is lost`);
    const [published, batched] = [0, 1].map((rest) => [...numbers].filter((number) => number % 2 === rest));
    assert.ok(published && batched);
    assert.equal(delivered.length, 2 * published.length + batched.length, "a publish is half there");
    const expected = batched.flatMap((number) => [2 * number, 2 * number + 1]);
    assert.deepEqual(new Set(attempts), new Set(expected), "a batch is half there");
    assert.equal(counts, batched.length);
  }
});
