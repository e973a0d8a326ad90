import assert from "node:assert/strict";
import { test } from "node:test";
import { run, serve } from "./harness.ts";

const commands = [
  ["local"],
  ["submit"],
  ["trace"],
  ["flows"],
  ["modules"],
  ["logs"],
  ["dlq", "list"],
  ["dlq", "show"],
  ["dlq", "replay"],
  ["module", "test"],
  ["check"],
  ["graph"],
  ["synth"],
  ["version"],
];

test("ion --help lists the commands, the exit codes and an example", async () => {
  const { code, stdout, stderr } = await run(["--help"]);
  assert.deepEqual([code, stderr], [0, ""]);
  for (const [name = ""] of commands) assert.match(stdout, new RegExp(`^ {2}${name} `, "m"));
  assert.match(stdout, /130 {2}interrupted/);
  assert.match(stdout, /\$ ion local/);
});

for (const command of commands) {
  test(`ion ${command.join(" ")} --help has an example and the global options`, async () => {
    const { code, stdout, stderr } = await run([...command, "--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, new RegExp(`\\$ ion ${command.join(" ")}`));
    assert.match(stdout, /--endpoint <url>/);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 130, line);
  });
}

test("ion version and ion --version print the version", async () => {
  for (const argv of [["version"], ["--version"]]) {
    assert.deepEqual(await run(argv), { code: 0, stdout: "1.2.3\n", stderr: "" });
  }
});

test("ion alone prints its help on the standard error and exits 2", async () => {
  const { code, stdout, stderr } = await run([]);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^Usage: ion /);
});

const refused: readonly [argv: readonly string[], message: RegExp][] = [
  [["sumbit"], /unknown command 'sumbit' \(Did you mean submit\?\)/],
  [["dlq", "lst"], /unknown command 'lst' \(Did you mean list\?\)/],
  [["module", "tset"], /unknown command 'tset' \(Did you mean test\?\)/],
  [["--endpont", "x", "flows"], /unknown option '--endpont' \(Did you mean --endpoint\?\)/],
  [["version", "now"], /too many arguments/],
  [["flows", "--endpoint"], /option '--endpoint <url>' argument missing/],
  [["flows", "--endpoint", "ftp://x"], /cannot use the endpoint 'ftp:\/\/x'/],
  [["flows", "--token-file", "nowhere"], /token file 'nowhere'/],
];

for (const [argv, message] of refused) {
  test(`ion ${argv.join(" ")} is refused with one line and exit code 2`, async () => {
    const { code, stdout, stderr } = await run(argv);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^ion: cannot [^\n]+\n$/);
    assert.match(stderr, message);
  });
}

test("--endpoint is taken before and after the command", async (t) => {
  const { endpoint, asked } = await serve(t, { "GET /api/modules": { json: { modules: [] } } });
  assert.equal((await run(["--endpoint", endpoint, "modules"])).code, 0);
  assert.equal((await run(["modules", "--endpoint", endpoint])).code, 0);
  assert.equal(asked.length, 2);
});
