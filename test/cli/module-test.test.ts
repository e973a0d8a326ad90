import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { ModuleTestRequest, ModuleTestResult, TestModule } from "../../runtime/cli/module-tester.ts";
import { IonError } from "../../runtime/contract/errors.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { run } from "./harness.ts";

const committed: ModuleTestResult = {
  exitCode: 0,
  log: "encoding\n",
  output: {
    files: [{ path: "film.mp4", bytes: 9_500_000, sha256: "00" }],
    children: [{ type: "file_transcoded", data: { seconds: 12 }, files: ["film.mp4"] }],
    insight: { transcodeTimeSec: 3 },
  },
  folder: "/work/w1",
};

function fake(result: ModuleTestResult): { testModule: TestModule; requests: ModuleTestRequest[] } {
  const requests: ModuleTestRequest[] = [];
  return {
    requests,
    testModule: (request) => {
      requests.push(request);
      request.onLog(Buffer.from(result.log));
      return Promise.resolve(result);
    },
  };
}

const base = ["module", "test", "transcoder"];

test("ion module test shows what would be committed, and the log on the standard error", async () => {
  const { testModule, requests } = fake(committed);
  const argv = [
    ...base,
    "--event",
    "file_downloaded",
    "--data",
    '{"kind":"video"}',
    "--file",
    import.meta.filename,
    "--keep",
  ];
  const { code, stdout, stderr } = await run(argv, { testModule });
  assert.equal(code, 0);
  assert.deepEqual(stdout.split("\n"), [
    "exit code 0",
    "would commit 1 file and 1 event",
    "file     film.mp4  9.1 MiB",
    "event    file_transcoded seconds=12 film.mp4",
    "insight  transcodeTimeSec=3",
    "workspace /work/w1",
    "",
  ]);
  assert.equal(stderr, "encoding\n");
  const { onLog: _onLog, signal: _signal, ...request } = requests[0] ?? assert.fail("nothing was run");
  assert.deepEqual(request, {
    module: "transcoder",
    pipelineFile: "modules/index.ts",
    event: { type: "file_downloaded", data: { kind: "video" } },
    files: [import.meta.filename],
    keep: true,
  });
});

test("ion module test reads a whole event from a file", async (t) => {
  const path = join(temporaryFolder(t), "event.json");
  await writeFile(path, '{"type":"file_downloaded"}');
  const { testModule, requests } = fake(committed);
  const { code } = await run([...base, "--event", path], { testModule });
  assert.equal(code, 0);
  assert.deepEqual(requests[0]?.event, { document: { type: "file_downloaded" } });
});

test("ion module test exits 1 when nothing would be committed", async () => {
  const { testModule } = fake({ exitCode: 0, log: "", problem: "out/data/x is a symbolic link" });
  const { code, stdout } = await run([...base, "--event", "file_downloaded"], { testModule });
  assert.equal(code, 1);
  assert.equal(stdout, "exit code 0\nwould commit nothing: out/data/x is a symbolic link\n");
});

test("ion module test --json prints one document", async () => {
  const { testModule } = fake(committed);
  const { stdout, stderr } = await run([...base, "--event", "file_downloaded", "--json"], { testModule });
  assert.deepEqual(JSON.parse(stdout), committed);
  assert.equal(stderr, "");
});

test("ion module test exits 2 for a module that isn't declared", async () => {
  const message = "cannot find module 'transcoder': the pipeline has downloader";
  const testModule = () => Promise.reject(new IonError("not-found", message));
  const result = await run([...base, "--event", "file_downloaded"], { testModule });
  assert.deepEqual(result, { code: 2, stdout: "", stderr: `ion: ${message}\n` });
});

const refused: readonly [argv: readonly string[], message: RegExp][] = [
  [["module", "test", "--event", "a"], /missing required argument 'name'/],
  [["module", "test", "Trans", "--event", "a"], /module name 'Trans'/],
  [base, /required option '--event <type\|file\.json>' not specified/],
  [[...base, "--event", "a b"], /event type 'a b'/],
  [[...base, "--event", "nowhere.json"], /'nowhere\.json': there is no such file/],
  [[...base, "--event", "nowhere.json", "--data", "{}"], /holds the event's data already/],
  [[...base, "--event", "a", "--data", "{"], /no JSON from line 1, column 2 on/],
  [[...base, "--event", "a", "--file", "nowhere.mov"], /'nowhere\.mov': there is no such file/],
];

for (const [argv, message] of refused) {
  test(`ion ${argv.join(" ")} is refused and runs nothing`, async () => {
    const { testModule, requests } = fake(committed);
    const { code, stdout, stderr } = await run(argv, { testModule });
    assert.deepEqual([code, stdout, requests.length], [2, "", 0]);
    assert.match(stderr, /^ion: cannot [^\n]+\n$/);
    assert.match(stderr, message);
  });
}
