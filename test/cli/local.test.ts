import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type {
  DemoFlow,
  LocalHandle,
  LocalListeners,
  LocalOptions,
  StartLocal,
} from "../../runtime/cli/local-platform.ts";
import { IonError } from "../../runtime/contract/errors.ts";
import type { FlowTrace } from "../../runtime/management/api.ts";
import { type Answer, eventStream, run, Sink, serve } from "./harness.ts";
import { event, eventId, execution, failedTrace, file, flowId, trace } from "./samples.ts";

interface FakePlatform {
  readonly startLocal: StartLocal;
  readonly options: LocalOptions[];
  readonly listeners: LocalListeners[];
  readonly stops: AbortSignal[];
}

async function* demoFlows(): AsyncGenerator<DemoFlow> {
  yield await Promise.resolve({ type: "picture", eventId, correlationId: flowId, label: "sample pictures" });
}

function fakePlatform(gatewayUrl: string, more: Partial<LocalHandle> = {}): FakePlatform {
  const platform = {
    options: [] as LocalOptions[],
    listeners: [] as LocalListeners[],
    stops: [] as AbortSignal[],
  };
  const handle: LocalHandle = {
    gatewayUrl,
    dataFolder: "/data/ion",
    readyMilliseconds: 412,
    broken: new Promise<never>(() => undefined),
    submitDemo: demoFlows,
    pathOf: (blob) => `/data/ion/blobs/${blob}`,
    stop: (force) => {
      platform.stops.push(force);
      return Promise.resolve();
    },
    ...more,
  };
  const startLocal: StartLocal = (options, listeners) => {
    platform.options.push(options);
    platform.listeners.push(listeners);
    return Promise.resolve(handle);
  };
  return { ...platform, startLocal };
}

const aborted = AbortSignal.abort();

test("ion local says where it is, serves until it is interrupted, and stops", async () => {
  const platform = fakePlatform("http://127.0.0.1:9001");
  const { code, stdout } = await run(["local"], { startLocal: platform.startLocal, signal: aborted });
  assert.equal(code, 0);
  assert.equal(stdout, "ready in 0.4 s · gateway http://127.0.0.1:9001 · data /data/ion/\n");
  assert.equal(platform.stops.length, 1);
  assert.deepEqual(platform.options, [{ dataFolder: ".ion", port: 9001, pipelineFile: "modules/index.ts" }]);
});

test("ion local passes its options on", async () => {
  const platform = fakePlatform("http://127.0.0.1:1");
  const argv = ["local", "--data", "d", "--port", "0", "--pipeline", "p.ts", "--parallel", "3"];
  await run(argv, { startLocal: platform.startLocal, signal: aborted });
  assert.deepEqual(platform.options, [{ dataFolder: "d", port: 0, pipelineFile: "p.ts", parallel: 3 }]);
});

test("ion local says when declarations change", async () => {
  const platform = fakePlatform("http://127.0.0.1:1");
  const interrupt = new AbortController();
  class ReloadingSink extends Sink {
    override _write(chunk: Buffer, encoding: string, done: () => void): void {
      super._write(chunk, encoding, done);
      if (!this.text.includes("reloaded")) {
        platform.listeners[0]?.reloaded(["downloader", "transcoder"]);
        platform.listeners[0]?.reloadFailed("two modules are named 'a'");
        interrupt.abort();
      }
    }
  }
  const stdout = new ReloadingSink();
  const { startLocal } = platform;
  const { code, stderr } = await run(["local"], { startLocal, signal: interrupt.signal, io: { stdout } });
  assert.equal(code, 0);
  assert.match(stdout.text, /^reloaded 2 modules: downloader, transcoder$/m);
  assert.match(stderr, /^ion: cannot reload the declarations: two modules are named 'a'; the ones before/m);
});

test("ion local exits 1 when the platform can't go on, and stops what is left", async () => {
  const broken = Promise.reject(new IonError("unavailable", "the disk is full"));
  const platform = fakePlatform("http://127.0.0.1:1", { broken });
  const { code, stderr } = await run(["local"], { startLocal: platform.startLocal });
  assert.deepEqual([code, stderr], [1, "ion: the disk is full\n"]);
  assert.equal(platform.stops.length, 1);
});

test("ion local exits 2 when the port is taken", async () => {
  const message = "cannot serve at port 9001: it is taken; choose another with --port";
  const startLocal = () => Promise.reject(new IonError("conflict", message));
  assert.deepEqual(await run(["local"], { startLocal }), {
    code: 2,
    stdout: "",
    stderr: `ion: ${message}\n`,
  });
});

const goodTrace: FlowTrace = trace([
  event("picture", [
    execution("report", { children: [event("report_made", [], { files: [file("a/report.html", 2_048)] })] }),
  ]),
]);

async function runDemo(t: TestContext, answer: Answer, io: { isTty?: boolean } = {}) {
  const { endpoint } = await serve(t, { [`GET /api/flows/${flowId}/follow`]: answer });
  const platform = fakePlatform(endpoint);
  const argv = ["local", "--demo", "demo.ts", "--once"];
  const processStartedAt = Date.parse(goodTrace.startedAt) - 2_000;
  const result = await run(argv, { startLocal: platform.startLocal, processStartedAt, io });
  return { ...result, platform };
}

test("ion local --demo --once prints changes, each flow's tree, the report and the time", async (t) => {
  const { code, stdout, stderr, platform } = await runDemo(t, eventStream([goodTrace]));
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(platform.options[0]?.demoFile, "demo.ts");
  const lines = stdout.split("\n").slice(1);
  assert.deepEqual(lines, [
    `flow ${flowId} · sample pictures · picture`,
    "sample pictures  report  ok  attempt 1  1.2 s  report_made  a/report.html 2.0 KiB",
    "",
    "sample pictures",
    `flow ${flowId}  completed in 32.4 s  1 event  1 ok`,
    "picture  +0.0 s",
    "└─ report  ok      attempt 1        1.2 s  report_made  a/report.html 2.0 KiB",
    `report: /data/ion/blobs/${file("a/report.html", 0).blob}`,
    "",
    "first flow done 34.4 s after the start",
    "",
  ]);
  assert.equal(platform.stops.length, 1);
});

test("ion local --demo draws in place on a terminal", async (t) => {
  const { code, stdout } = await runDemo(t, eventStream([goodTrace]), { isTty: true });
  assert.equal(code, 0);
  assert.match(stdout, /· sample pictures/);
  assert.match(stdout, /✔ sample pictures/);
});

test("ion local --demo --once exits 1 when an execution is dead", async (t) => {
  const { code, platform } = await runDemo(t, eventStream([failedTrace]));
  assert.equal(code, 1);
  assert.equal(platform.stops.length, 1);
});

test("ion local --demo --once exits 130 when it is interrupted, after a stop", async (t) => {
  const { endpoint } = await serve(t, { [`GET /api/flows/${flowId}/follow`]: eventStream([goodTrace]) });
  const platform = fakePlatform(endpoint);
  const argv = ["local", "--demo", "demo.ts", "--once"];
  const { code } = await run(argv, { startLocal: platform.startLocal, signal: aborted });
  assert.equal(code, 130);
  assert.equal(platform.stops.length, 1);
});

test("ion local exits 130 when its stop was forced", async () => {
  const platform = fakePlatform("http://127.0.0.1:1");
  const result = await run(["local"], {
    startLocal: platform.startLocal,
    signal: aborted,
    forceSignal: aborted,
  });
  assert.equal(result.code, 130);
  assert.equal(platform.stops[0]?.aborted, true);
});

const refused: readonly [argv: readonly string[], message: RegExp][] = [
  [["--port", "65536"], /--port '65536': it must be a whole number from 0 to 65535/],
  [["--port", "web"], /--port 'web'/],
  [["--parallel", "0"], /--parallel '0': it must be a whole number from 1/],
  [["--once"], /cannot run with --once: it ends after the demo, and there is none/],
  [["--endpoint", "http://127.0.0.1:2"], /cannot run with --endpoint/],
  [["--token-file", "nowhere"], /token file 'nowhere': there is no such file/],
  [["extra"], /too many arguments/],
  [["--prot", "1"], /unknown option '--prot' \(Did you mean --port\?\)/],
];

for (const [argv, message] of refused) {
  test(`ion local ${argv.join(" ")} is refused and starts nothing`, async () => {
    const platform = fakePlatform("http://127.0.0.1:1");
    const { code, stdout, stderr } = await run(["local", ...argv], { startLocal: platform.startLocal });
    assert.deepEqual([code, stdout, platform.options.length], [2, "", 0]);
    assert.match(stderr, /^ion: cannot [^\n]+\n$/);
    assert.match(stderr, message);
  });
}
