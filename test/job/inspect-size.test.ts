import assert from "node:assert/strict";
import { it } from "node:test";
import { makeWorkspace } from "./workspace.ts";

it("inspectOutput() takes time in proportion to what it is given", (t) => {
  const measure = (count: number): number => {
    using workspace = makeWorkspace();
    for (let index = 0; index < count; index += 10) workspace.write(`out/data/${index}.png`, "1");
    for (let index = 0; index < count; index += 1) {
      const files = [`${index - (index % 10)}.png`];
      workspace.writeEvent(`${index}.json`, { type: "downloaded", data: { kind: "image", bytes: 1 }, files });
    }
    const start = performance.now();
    assert.equal(workspace.inspect().children.length, count);
    return performance.now() - start;
  };
  const [small, large] = [measure(1_000), measure(20_000)];
  t.diagnostic(`1,000: ${small.toFixed(0)} ms; 20,000 events: ${large.toFixed(0)} ms`);
  assert.ok(large < 20 * small * 4, `20 times as much took ${(large / small).toFixed(0)} times as long`);
});
