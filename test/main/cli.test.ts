import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommandResult } from "./command.ts";
import { getExecution, startIon } from "./local-ion.ts";

const privateAddress = "http://127.0.0.1:1/film.mov";

function assertPrints(result: CommandResult, code: number, ...patterns: readonly RegExp[]): void {
  assert.equal(result.code, code, result.stderr);
  assert.equal(result.stderr, "");
  for (const pattern of patterns) assert.match(result.stdout, pattern);
}

test("ion's commands on a platform that runs the sample modules", async (t) => {
  const ion = await startIon(t, { pipeline: "modules/index.ts" });

  await t.test("an empty platform is said to be empty", async () => {
    assertPrints(await ion.ion("flows"), 0, /^no flows; begin one with: ion submit/);
    assertPrints(await ion.ion("dlq", "list"), 0, /^no dead letters\n$/);
    assertPrints(await ion.ion("modules"), 0, /^downloader +ready /m, /^report +ready /m);
  });

  await t.test("submit --follow shows how the downloader refuses a private address", async () => {
    const result = await ion.ion("submit", privateAddress, "--follow");
    assertPrints(
      result,
      1,
      /└─ downloader +failed +attempt 1 .*'127\.0\.0\.1' is not a public address/,
      /└─ report +ok .* failures=1/,
      /\n {2}ion dlq show [0-9a-f-]{36} --module downloader\n$/,
    );
  });
  const [flow] = (await ion.client.listFlows()).items;
  assert(flow !== undefined);
  const flowId = flow.correlationId;

  await t.test("flows, trace and logs tell of it", async () => {
    assertPrints(await ion.ion("flows"), 0, new RegExp(`^${flowId} .* frontapi\\.new_link +completed `, "m"));
    assertPrints(await ion.ion("trace", flowId), 0, /└─ downloader +failed/);
    assertPrints(await ion.ion("trace", flowId, "--follow"), 1, /└─ downloader +failed/);
    const { stdout } = await ion.ion("trace", flowId, "--json");
    const trace = await ion.client.getFlow(flowId);
    assert.deepEqual(JSON.parse(stdout), trace);
    const { id } = getExecution(trace, "downloader");
    assertPrints(await ion.ion("trace", flowId, "--ids"), 0, new RegExp(`downloader .*${id}`));
    assertPrints(await ion.ion("logs", id, "--attempt", "1"), 0, /^'127\.0\.0\.1' is not a public address/);
  });

  await t.test("dlq lists, shows and replays it", async () => {
    const [letter] = (await ion.client.listDeadLetters()).items;
    const event = letter?.eventId ?? "";
    assertPrints(
      await ion.ion("dlq", "list"),
      0,
      new RegExp(`^${event} .* downloader +frontapi\\.new_link`, "m"),
    );
    const shown = await ion.ion("dlq", "show", event);
    assertPrints(
      shown,
      0,
      /^why +exit-code: exit 65: '127/m,
      new RegExp(`^replay +ion dlq replay ${event}`, "m"),
    );
    assertPrints(await ion.ion("dlq", "replay", event), 0, /^replayed 1 event\n$/);
    const after = await ion.end(flowId);
    assert.deepEqual([after.counts.failed, getExecution(after, "downloader").attempt], [1, 2]);
  });

  await t.test("one key twice is one event", async () => {
    const submit = () => ion.ion("submit", privateAddress, "--key", "once", "--json");
    const [first, second] = [await submit(), await submit()];
    assertPrints(first, 0);
    assert.deepEqual(second, first);
    await ion.end(JSON.parse(first.stdout).correlationId);
  });

  await t.test("without a platform every command says what to do and ends with 1", async () => {
    assert.equal(await ion.stop(), 0);
    for (const argv of [
      ["submit", privateAddress],
      ["trace", flowId],
      ["flows"],
      ["modules"],
      ["dlq", "list"],
    ]) {
      const { code, stderr } = await ion.ion(...argv);
      assert.deepEqual(
        { code, stderr },
        {
          code: 1,
          stderr: `ion: no Ion answers at ${ion.url}: start one with \`ion local\`, or name another with --endpoint\n`,
        },
      );
    }
  });
});
