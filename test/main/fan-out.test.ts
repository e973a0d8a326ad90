import assert from "node:assert/strict";
import { test } from "node:test";
import { getExecution, listExecutions, startIon } from "./local-ion.ts";

const leaves = 10_000;
const picked = 200;

test("10,000 events of one module reach the end of the flow, and Ion answers meanwhile", async (t) => {
  const ion = await startIon(t, { pipeline: "fan-out" });
  const began = performance.now();
  const flow = await ion.submit("wanted", { leaves, picked });
  const probes: Promise<number>[] = [];
  const probe = async () => {
    const asked = performance.now();
    const { status } = await fetch(`${ion.url}/healthz`);
    assert.equal(status, 200);
    return performance.now() - asked;
  };
  const trace = await ion.until(flow, ({ state }) => {
    probes.push(probe());
    return state === "completed";
  });
  const took = Math.round(performance.now() - began);
  const slowest = Math.round(Math.max(...(await Promise.all(probes))));
  t.diagnostic(`${took} ms; slowest of ${probes.length} answers meanwhile: ${slowest} ms`);

  const succeeded = picked + 1;
  assert.deepEqual(trace.counts, { events: leaves + 1, running: 0, succeeded, failed: 0, trailing: 0 });
  const { children } = getExecution(trace, "spreader");
  assert.equal(new Set(children.map(({ id }) => id)).size, leaves);
  assert.equal(new Set(children.map(({ data }) => data.n)).size, leaves);
  assert(listExecutions(trace, "picker").every(({ state }) => state === "succeeded"));

  const { stdout } = await ion.ion("trace", flow);
  assert.match(stdout, /10,000 × leaf/);
  assert(stdout.split("\n").length < 40, stdout);
});
