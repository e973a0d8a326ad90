import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "./command.ts";
import { startIon } from "./local-ion.ts";

test("with --token-file only who shows the token gets in", async (t) => {
  const folder = temporaryFolder(t);
  const [right, wrong] = [join(folder, "right"), join(folder, "wrong")];
  writeFileSync(right, "a-token\n");
  writeFileSync(wrong, "another\n");
  const ion = await startIon(t, {
    pipeline: "fan-out",
    data: join(folder, "data"),
    argv: ["--token-file", right],
  });

  const submit = ["submit", "wanted", "--data", '{"leaves":0,"picked":0}', "--follow"];
  const entered = await ion.ion(...submit, "--token-file", right);
  assert.equal(entered.code, 0, entered.stderr);
  for (const argv of [submit, [...submit, "--token-file", wrong], ["flows"], ["dlq", "list"]]) {
    const { code, stdout, stderr } = await ion.ion(...argv);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, /^ion: [^\n]*token[^\n]*\n$/);
  }
  const flows = await ion.ion("flows", "--token-file", right);
  assert.equal(flows.stdout.match(/ wanted /g)?.length, 1, "nothing came of the others");
  assert.equal((await fetch(`${ion.url}/healthz`)).status, 200, "a probe needs none");
});
