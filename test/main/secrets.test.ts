import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { getExecution, startIon } from "./local-ion.ts";

const allowed = [
  "HANDLER_BASE_DIR",
  "HOME",
  "ION_ATTEMPT",
  "ION_CORRELATION_ID",
  "ION_DIR",
  "ION_EVENT_ID",
  "ION_EXECUTION_ID",
  "ION_MODULE",
  "MODE",
  "PATH",
  "TOKEN",
];

/** Every file below a folder. */
function listFiles(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

test("a secret reaches the module's environment and nothing else", async (t) => {
  const secret = `secret-${randomUUID()}`;
  const ion = await startIon(t, {
    pipeline: "secrets",
    environment: { STORE_TOKEN: secret, UNRELATED: "of nobody's concern" },
  });
  const trace = await ion.run("asked");
  const { id, insight, state } = getExecution(trace, "keeper");
  assert.equal(state, "succeeded");
  const sha256 = createHash("sha256").update(secret).digest("hex");
  assert.deepEqual(insight, { names: allowed, mode: "plain", sha256 });

  await t.test("a missing one sets the event aside and is named", async () => {
    const lacking = await ion.run("lacking");
    const { error, attempts } = getExecution(lacking, "needy");
    assert.deepEqual(error, {
      code: "start-failed",
      message: "cannot start module 'needy': its secret 'ABSENT_TOKEN' is not there; set it where Ion runs",
    });
    assert.equal(attempts.length, 1, "another attempt would miss it too");
    const { items } = await ion.client.listDeadLetters();
    assert.deepEqual(
      items.map(({ module, reason }) => [module, reason]),
      [["needy", error]],
    );
  });

  await t.test("nothing that Ion keeps, answers or prints holds it", async () => {
    const answers = [
      trace,
      await text(await ion.client.readLogs(id)),
      await ion.client.listModules(),
      await ion.client.listDeadLetters(),
      await ion.client.listInsights({ module: "keeper" }),
    ];
    assert(!JSON.stringify([answers, ion.lines.all]).includes(secret));
    assert.equal(await ion.stop(), 0);
    const files = listFiles(ion.data);
    assert(files.includes(join(ion.data, "ion.db")));
    assert.deepEqual(
      files.filter((file) => readFileSync(file).includes(secret)),
      [],
    );
  });
});
