import { once } from "node:events";
import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { FastifyInstance } from "fastify";
import type { LocalHandle, LocalListeners, LocalOptions } from "../cli/local-platform.ts";
import { seconds } from "../contract/duration.ts";
import { IonError } from "../contract/errors.ts";
import { findSystemErrorCode } from "../contract/file-error.ts";
import type { Log } from "../contract/log.ts";
import { replayDeadLetter } from "../dispatcher/replay.ts";
import { type AcceptOptions, accepting } from "../gateway/accept.ts";
import { gateway } from "../gateway/gateway.ts";
import { httpServer } from "../gateway/server.ts";
import { completeFlow } from "../job/completion.ts";
import { progressBoard } from "../management/progress.ts";
import { management } from "../management/routes.ts";
import { makeDataFolder } from "./data-folder.ts";
import { submitDemo } from "./demo.ts";
import { loadPipeline } from "./load-pipeline.ts";
import { fileLog } from "./log.ts";
import { type Platform, startPlatform } from "./platform.ts";
import { watchFolder } from "./watch-pipeline.ts";

/** What the process's environment is to local mode, read once by `ion.ts`. */
export interface LocalEnvironment {
  /** PATH, HOME and TMPDIR of modules. */
  readonly modules: Readonly<Record<string, string>>;
  readonly secrets: (name: string) => string | undefined;
  /** Milliseconds since 1970. */
  readonly processStartedAt: number;
}

const host = "127.0.0.1";
const stopWithin = seconds(10);

async function listen(server: FastifyInstance, port: number): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (cause) {
    if (findSystemErrorCode(cause) !== "EADDRINUSE") throw IonError.from(cause);
    throw new IonError(
      "conflict",
      `port ${port} of ${host} is taken: stop what has it, or name another with --port`,
      { cause },
    );
  }
}

async function startServer(
  platform: Platform,
  acceptOptions: AcceptOptions,
  { port, token }: LocalOptions,
  ended: AbortSignal,
  log: Log,
) {
  const { bus, documents, blobs, ids } = platform.context;
  const server = httpServer({ log, ...(token !== undefined && { token }) });
  await server.register(gateway, acceptOptions);
  await server.register(management, {
    bus,
    documents,
    blobs,
    executor: platform.executor,
    deployments: platform.deployments,
    pipeline: platform.pipeline,
    routes: platform.routes,
    progress: progressBoard(platform.executor.watch(ended)),
    replay: (letter) => replayDeadLetter({ bus, documents, ids }, letter),
  });
  return { server, url: await listen(server, port) };
}

/** Applies the declarations again whenever a file beside them changes. */
function watchDeclarations(
  platform: Platform,
  file: string,
  projectFolder: string,
  listeners: LocalListeners,
  log: Log,
): () => void {
  let before = "";
  let failed = false;
  return watchFolder(dirname(file), async () => {
    try {
      const { pipeline, versions } = await loadPipeline(file, projectFolder);
      const now = JSON.stringify([pipeline, versions]);
      if (now === before && !failed) return;
      before = now;
      const changed = await platform.apply(pipeline, versions);
      if (changed.length > 0 || failed) listeners.reloaded(changed);
      failed = false;
    } catch (thrown) {
      const { message } = IonError.from(thrown);
      failed = true;
      log.warn({ problem: message }, "cannot reload the declarations");
      listeners.reloadFailed(message);
    }
  });
}

/** Boots the whole of Ion on this machine: the platform, the gateway and the management API on one port of the loopback interface. */
export async function startLocal(
  options: LocalOptions,
  listeners: LocalListeners,
  environment: LocalEnvironment,
): Promise<LocalHandle> {
  const projectFolder = process.cwd();
  const dataFolder = resolve(options.dataFolder);
  const pipelineFile = resolve(options.pipelineFile);
  const undoDataFolder = makeDataFolder(dataFolder);
  const loading = loadPipeline(pipelineFile, projectFolder);
  // Awaited below: a data folder that is taken is said first.
  loading.catch(() => {});
  const log = fileLog(dataFolder);
  const platform = await startPlatform({
    folder: dataFolder,
    projectFolder,
    parallel: options.parallel ?? availableParallelism(),
    environment: environment.modules,
    secrets: environment.secrets,
    log,
  });
  const ended = new AbortController();
  const stopPlatform = async () => {
    ended.abort();
    await platform.stop(stopWithin);
  };
  try {
    const { pipeline, versions } = await loading;
    await platform.apply(pipeline, versions);
    const acceptOptions = {
      ...platform.context,
      closeFlow: async (flow: string) => void (await completeFlow(platform.context, flow)),
    };
    const { server, url } = await startServer(platform, acceptOptions, options, ended.signal, log);
    const unwatch = watchDeclarations(platform, pipelineFile, projectFolder, listeners, log);
    let stopping: Promise<void> | undefined;
    const stop = async () => {
      unwatch();
      await server.close();
      await stopPlatform();
      rmSync(join(dataFolder, "demo"), { recursive: true, force: true });
    };
    return {
      gatewayUrl: url,
      dataFolder,
      readyMilliseconds: Date.now() - environment.processStartedAt,
      broken: platform.broken,
      submitDemo: (signal) =>
        submitDemo(options.demoFile ?? "", dataFolder, accepting(acceptOptions), signal),
      pathOf: (blob) => join(dataFolder, "blobs", blob),
      stop: async (force) => {
        stopping ??= stop();
        const forced = force.aborted ? Promise.resolve() : once(force, "abort");
        await Promise.race([stopping, forced]);
        if (force.aborted) await platform.kill();
      },
    };
  } catch (thrown) {
    await stopPlatform();
    undoDataFolder();
    throw thrown;
  }
}
