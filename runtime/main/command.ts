import type { CliContext } from "../cli/context.ts";
import { runCli } from "../cli/run-cli.ts";
import type { LocalEnvironment } from "./local.ts";

const version = "0.1.0";
const { env, stdin, stdout, stderr } = process;
const processStartedAt = Date.now() - Math.round(process.uptime() * 1000);

function pick(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names
      .map((name) => [name, env[name]])
      .filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

const environment: LocalEnvironment = {
  modules: pick(["PATH", "HOME", "TMPDIR"]),
  secrets: (name) => env[name],
  processStartedAt,
};

const interrupted = new AbortController();
const forced = new AbortController();
function interrupt(): void {
  if (interrupted.signal.aborted) forced.abort();
  else interrupted.abort();
}
process.on("SIGINT", interrupt);
process.on("SIGTERM", interrupt);

const context: CliContext = {
  io: {
    stdin,
    stdout,
    stderr,
    isTty: stdout.isTTY === true,
    canAsk: stdin.isTTY === true && stderr.isTTY === true,
    colour: stdout.isTTY === true && env.NO_COLOR === undefined && stdout.hasColors(),
    get columns() {
      return stdout.columns ?? Number.POSITIVE_INFINITY;
    },
    get rows() {
      return stdout.rows ?? Number.POSITIVE_INFINITY;
    },
  },
  endpoint: env.ION_ENDPOINT ?? "http://127.0.0.1:9001",
  ...(env.ION_TOKEN !== undefined && { token: env.ION_TOKEN }),
  version,
  processStartedAt,
  startLocal: async (options, listeners) =>
    (await import("./local.ts")).startLocal(options, listeners, environment),
  testModule: async (request) => (await import("./module-test.ts")).testModule(request, environment),
  declarations: {
    check: async (request) => (await import("./synth.ts")).declarations.check(request),
    synthesize: async (request) => (await import("./synth.ts")).declarations.synthesize(request),
  },
  signal: interrupted.signal,
  forceSignal: forced.signal,
};

process.exitCode = await runCli(process.argv.slice(2), context);
if (forced.signal.aborted) process.exit();
