import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "./command.ts";
import { getExecution, startIon } from "./local-ion.ts";

const unknown = "11111111-1111-8111-8111-111111111111";
const link = (data: string, ...more: readonly string[]) => [
  "submit",
  "frontapi.new_link",
  "--data",
  data,
  ...more,
];

test("bad input ends with one error and 2, and changes nothing", async (t) => {
  const ion = await startIon(t, { pipeline: "modules/index.ts" });
  const trace = await ion.run("frontapi.new_link", { url: "http://127.0.0.1:1/film.mov" });
  const { id } = getExecution(trace, "downloader");
  const large = join(temporaryFolder(t), "large.json");
  writeFileSync(large, JSON.stringify({ url: "x".repeat(300_000) }));

  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["an unknown command", ["sumbit"], /unknown command 'sumbit' \(Did you mean submit\?\)/],
    [
      "submit: an unknown type",
      ["submit", "nonsense"],
      /'nonsense' is no source of pipeline 'media': its sources/,
    ],
    ["submit: a type that modules emit", ["submit", "file_downloaded"], /'file_downloaded' is no source/],
    ["submit: a type that can't be one", ["submit", "bad type"], /event type 'bad type' has a character/],
    ["submit: broken JSON", link("{"), /it is no JSON from line 1, column 2 on/],
    ["submit: an array", link("[]"), /it must be a JSON object: it is an array/],
    ["submit: a missing field", link("{}"), /frontapi\.new_link.*\burl\b/],
    ["submit: a field of a wrong type", link('{"url":1}'), /frontapi\.new_link.*\burl\b/],
    ["submit: a field of a wrong form", link('{"url":"no address"}'), /frontapi\.new_link.*\burl\b/],
    ["submit: too much data", link(`@${large}`), /at most|limit/],
    [
      "submit: files where none may come",
      link('{"url":"https://example.org"}', "--file", "package.json"),
      /without files/,
    ],
    ["submit: no such file", ["submit", "pictures_uploaded", "--file", "nowhere"], /there is no such file/],
    [
      "submit: a folder",
      ["submit", "pictures_uploaded", "--file", "modules"],
      /it is a folder; name its files/,
    ],
    ["submit: an empty key", ["submit", "pictures_uploaded", "--key", ""], /must have 1 to 255/],
    ["trace: no id", ["trace"], /missing required argument 'correlation id'/],
    ["trace: what is no id", ["trace", "nonsense"], /cannot find the flow 'nonsense'/],
    ["trace: an unknown id", ["trace", unknown], /there is no flow/],
    ["trace: an unknown id to follow", ["trace", unknown, "--follow"], /there is no flow/],
    ["flows: a size that is none", ["flows", "--size", "many"], /--size 'many'/],
    [
      "flows: a place that is none",
      ["flows", "--after", "nowhere"],
      /'after' must be the 'next' of the page before/,
    ],
    ["modules: too many arguments", ["modules", "extra"], /too many arguments/],
    ["logs: what is no id", ["logs", "nonsense"], /cannot find the execution 'nonsense'/],
    ["logs: an unknown id", ["logs", unknown], /there is no execution/],
    ["logs: attempt 0", ["logs", id, "--attempt", "0"], /--attempt '0': it must be a whole number from 1/],
    [
      "logs: an attempt that wasn't",
      ["logs", id, "--attempt", "9"],
      /has no attempt 9: its last one is attempt 1/,
    ],
    ["dlq list: a place that is none", ["dlq", "list", "--after", "nowhere"], /'after' must be/],
    ["dlq list: what is no module", ["dlq", "list", "--module", "No Such"], /module name 'No Such'/],
    [
      "dlq list: an unknown module",
      ["dlq", "list", "--module", "nobody"],
      /has no module 'nobody': its modules are/,
    ],
    ["dlq list: an unknown type", ["dlq", "list", "--type", "nothing"], /has no event type 'nothing'/],
    [
      "dlq replay: an unknown module",
      ["dlq", "replay", "--module", "nobody", "--yes"],
      /has no module 'nobody'/,
    ],
    ["dlq show: an unknown id", ["dlq", "show", unknown], /there is no dead letter/],
    ["dlq replay: nothing selected", ["dlq", "replay"], /no dead letter is selected/],
    ["dlq replay: an unknown id", ["dlq", "replay", unknown], /there is no dead letter/],
    ["dlq replay: nobody to ask", ["dlq", "replay", "--all"], /nobody can be asked .* add --yes/],
  ];

  const see = async () =>
    JSON.stringify([
      await ion.client.listFlows(),
      await ion.client.listDeadLetters(),
      await ion.client.listModules(),
    ]);
  const before = await see();
  for (const [name, argv, why] of cases) {
    await t.test(name, async () => {
      const { code, stdout, stderr } = await ion.ion(...argv);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" }, stderr);
      assert.match(stderr, /^ion: [^\n]+\n$/);
      assert.match(stderr, why);
    });
  }
  assert.equal(await see(), before);
});
