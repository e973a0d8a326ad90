import type { Duration } from "../../contract/duration.ts";
import { IonError } from "../../contract/errors.ts";
import { canonicalJson } from "../../contract/json.ts";
import type { ModuleSpec } from "../../contract/module.ts";
import type { Deployment, Deployments } from "../../ports/deployments.ts";

/** A dispatcher that runs in this process. */
export interface RunningDispatcher {
  /** Resolves when the executions it had have ended. */
  stop(within?: Duration): Promise<void>;
}

export interface LocalDeploymentsOptions {
  readonly start: (module: ModuleSpec, version: string) => Promise<RunningDispatcher>;
}

/** Dispatchers in this process; what must outlive it are the declarations, not the deployments. */
export interface LocalDeployments extends Deployments {
  /** @returns whether anything changed */
  apply(module: ModuleSpec, version: string): Promise<boolean>;
  /** Stops every dispatcher. */
  stop(within: Duration): Promise<void>;
}

interface Entry {
  readonly deployment: Deployment;
  readonly identity: string;
  readonly dispatcher?: RunningDispatcher;
}

/** Keeps one dispatcher per module in this process. */
export function localDeployments({ start }: LocalDeploymentsOptions): LocalDeployments {
  const entries = new Map<string, Entry>();
  /** Dispatchers that were replaced and still finish what they had begun. */
  const leaving = new Set<RunningDispatcher>();

  function retire(dispatcher: RunningDispatcher | undefined): Promise<void> {
    if (dispatcher === undefined) return Promise.resolve();
    leaving.add(dispatcher);
    return dispatcher.stop().finally(() => leaving.delete(dispatcher));
  }

  async function apply(module: ModuleSpec, version: string): Promise<boolean> {
    const identity = canonicalJson({ module, version });
    const known = entries.get(module.name);
    if (known?.identity === identity && known.deployment.status === "ready") return false;
    // The old one takes nothing new from here on; it ends when its executions have, with its own version.
    retire(known?.dispatcher).catch(() => {
      // A dispatcher that fails logs it; here it is only on its way out.
    });
    try {
      const dispatcher = await start(module, version);
      entries.set(module.name, {
        identity,
        dispatcher,
        deployment: { module, version, status: "ready", message: "" },
      });
      return true;
    } catch (thrown) {
      const { message } = IonError.from(thrown);
      entries.set(module.name, { identity, deployment: { module, version, status: "failed", message } });
      throw thrown;
    }
  }

  return {
    apply,
    find: async (name) => entries.get(name)?.deployment,
    list: async ({ size = 100, after = "" } = {}) => {
      const names = [...entries.keys()].filter((name) => name > after).sort();
      const page = names.slice(0, size);
      const last = page.at(-1);
      return {
        items: page
          .map((name) => entries.get(name)?.deployment)
          .filter((deployment) => deployment !== undefined),
        ...(last !== undefined && names.length > size && { next: last }),
      };
    },
    remove: async (name) => {
      const known = entries.get(name);
      entries.delete(name);
      await retire(known?.dispatcher);
    },
    stop: async (within) => {
      const all = [...Array.from(entries.values(), ({ dispatcher }) => dispatcher), ...leaving];
      entries.clear();
      await Promise.all(all.filter((each) => each !== undefined).map((each) => each.stop(within)));
    },
  };
}
