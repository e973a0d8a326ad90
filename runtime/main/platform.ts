import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { localBlobs } from "../adapters/local/blobs.ts";
import { localBus } from "../adapters/local/bus.ts";
import { type LocalDeployments, localDeployments } from "../adapters/local/deployments.ts";
import { localDocuments } from "../adapters/local/documents.ts";
import { removeOldLogs } from "../adapters/local/old-logs.ts";
import { endOrphans } from "../adapters/local/orphans.ts";
import { processExecutor } from "../adapters/local/process-executor.ts";
import { openStore } from "../adapters/local/store/store.ts";
import type { PipelineSpec } from "../contract/check.ts";
import { systemClock } from "../contract/clock.ts";
import type { CommitDocument } from "../contract/documents.ts";
import { type Duration, milliseconds } from "../contract/duration.ts";
import { derivedIds, type Ids } from "../contract/ids.ts";
import type { Log } from "../contract/log.ts";
import { longestRetention } from "../contract/retention.ts";
import { listTopics, makeRoutes, type Routes } from "../contract/routing.ts";
import { startDispatcher } from "../dispatcher/dispatcher.ts";
import { commitAttempt } from "../job/commit.ts";
import { completeFlow } from "../job/completion.ts";
import type { JobContext } from "../job/context.ts";
import { prepareWorkspace } from "../job/prepare.ts";
import { relay } from "../job/relay.ts";
import { runSweeper } from "../job/sweeper.ts";
import type { Blobs } from "../ports/blobs.ts";
import type { Bus } from "../ports/bus.ts";
import type { Documents } from "../ports/documents.ts";
import type { Executor } from "../ports/executor.ts";

/** The data ports of a platform, in the order in which a wrapper may put something in front of them. */
export interface DataPorts {
  readonly bus: Bus;
  readonly documents: Documents;
  readonly blobs: Blobs;
}

export interface PlatformOptions {
  /** The data folder, absolute. */
  readonly folder: string;
  /** Where modules' commands start, absolute. */
  readonly projectFolder: string;
  /** Programs at once. */
  readonly parallel: number;
  /** PATH, HOME and TMPDIR of modules. */
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: (name: string) => string | undefined;
  readonly log: Log;
  /** Whether a commit and its children are one transaction; without it the protocol runs as in the cloud. @default true */
  readonly publishInCommit?: boolean;
  /** Puts something in front of the data ports: how tests break them. @default nothing */
  readonly wrapPorts?: (ports: DataPorts) => DataPorts;
  /** @default nothing */
  readonly wrapExecutor?: (executor: Executor) => Executor;
  /** @default derived ids */
  readonly ids?: Ids;
  /** Who publishes what a commit left unpublished. @default `relay` */
  readonly relay?: (context: JobContext, commit: CommitDocument) => Promise<void>;
  /** @default 30 seconds */
  readonly sweepEveryMilliseconds?: number;
}

/** The whole runtime on one machine, in one process. */
export interface Platform {
  readonly context: JobContext;
  readonly executor: Executor;
  readonly deployments: LocalDeployments;
  readonly routes: () => Routes;
  readonly pipeline: () => PipelineSpec;
  /** Rejects when the platform can't go on; never resolves. */
  readonly broken: Promise<never>;
  /**
   * Makes the graph the one that runs. Safe to repeat; only what has changed is restarted.
   *
   * @returns the names of the modules that are new, changed or gone
   */
  apply(pipeline: PipelineSpec, versions: Readonly<Record<string, string>>): Promise<readonly string[]>;
  /** Takes nothing new, waits for what runs, hands back what is late. */
  stop(within: Duration): Promise<void>;
  /** Stops as a crash would, but ends every program; what they did is done again after the next start. */
  kill(): Promise<void>;
}

const noPipeline: PipelineSpec = { name: "none", sources: [], events: {}, modules: [] };

/**
 * Boots the platform on a data folder.
 *
 * @throws IonError `conflict` when another process has the folder
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { folder, log, ids = derivedIds } = options;
  mkdirSync(folder, { recursive: true });

  // Data ports
  const store = await openStore(join(folder, "ion.db"));
  await endOrphans(folder);
  const bus = localBus({ store });
  const documents = localDocuments({ store, ...(options.publishInCommit !== false && { bus }) });
  const wrap = options.wrapPorts ?? ((ports) => ports);
  const ports = wrap({ bus, documents, blobs: localBlobs({ folder }) });

  // The graph, which changes while we run
  let pipeline = noPipeline;
  let routes = makeRoutes([]);
  const context: JobContext = {
    ...ports,
    ids,
    clock: systemClock,
    pipeline: () => pipeline,
    routes: () => routes,
  };

  // Executions
  const processes = processExecutor({
    folder,
    projectFolder: options.projectFolder,
    parallel: options.parallel,
    recycleWorkspaces: true,
    environment: options.environment,
    secrets: options.secrets,
    prepare: (attempt, workspace, signal) => prepareWorkspace(attempt, workspace, ports, signal),
    commit: (attempt, workspace, signal, times) => commitAttempt(context, attempt, workspace, times, signal),
  });
  const executor = options.wrapExecutor?.(processes) ?? processes;
  const relayCommit = options.relay ?? relay;
  const deployments = localDeployments({
    start: (module, version) =>
      startDispatcher({
        module,
        version,
        executor,
        ids,
        log,
        bus: ports.bus,
        documents: ports.documents,
        clock: systemClock,
        // As many again wait prepared, so that a program starts while another's output is committed.
        concurrency: options.parallel * 2,
        relay: (commit) => relayCommit(context, commit),
        completeFlow: (flow) => completeFlow(context, flow),
      }),
  });

  // What cleans up
  const removeLogs = () => removeOldLogs(folder, Date.now() - longestRetention(pipeline));
  const hourly = setInterval(removeLogs, 3_600_000);
  const sweeping = new AbortController();
  const swept = runSweeper({
    context,
    log,
    signal: sweeping.signal,
    ...(options.sweepEveryMilliseconds !== undefined && {
      everyMilliseconds: options.sweepEveryMilliseconds,
    }),
  });

  return {
    context,
    executor,
    deployments,
    pipeline: context.pipeline,
    routes: context.routes,
    broken: store.broken,
    apply: async (wanted, versions) => {
      const topics = listTopics(wanted);
      await ports.bus.ensure(topics);
      bus.routeOnlyTo(topics);
      const gone = pipeline.modules.filter(
        ({ name }) => !wanted.modules.some((module) => module.name === name),
      );
      pipeline = wanted;
      routes = makeRoutes(topics);
      const applied = wanted.modules.map(async (module) => {
        const version = versions[module.name] ?? "unknown";
        return (await deployments.apply(module, version)) ? [module.name] : [];
      });
      for (const { name } of gone) {
        deployments
          .remove(name)
          .catch((error: unknown) => log.error({ module: name, error }, "cannot stop a module"));
      }
      return [...(await Promise.all(applied)).flat(), ...gone.map(({ name }) => name)];
    },
    stop: async (within) => {
      sweeping.abort();
      clearInterval(hourly);
      // Most sessions on a laptop are shorter than an hour. Without modules nobody has said how long logs are kept.
      if (pipeline.modules.length > 0) removeLogs();
      await deployments.stop(within);
      await processes.stop(within);
      await swept;
      await store.close();
    },
    kill: async () => {
      // First: nobody is to write down as an attempt's end what is only ours.
      await store.close();
      await processes.stop(milliseconds(0));
    },
  };
}
