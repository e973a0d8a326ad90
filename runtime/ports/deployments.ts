import type { ModuleSpec } from "../contract/module.ts";
import type { Page, PageRequest } from "./page.ts";

export interface Deployment {
  readonly module: ModuleSpec;
  readonly version: string;
  readonly status: "starting" | "ready" | "stopping" | "failed";
  /** Why, where the status needs a word. */
  readonly message: string;
}

/** Keeps one dispatcher per module in the place where dispatchers run. */
export interface Deployments {
  /** Makes or changes a module's dispatcher; running executions end with the version they began with. MUST be safe to repeat: the same module and version change nothing. */
  apply(module: ModuleSpec, version: string): Promise<unknown>;
  find(name: string): Promise<Deployment | undefined>;
  /** In the order of their names. */
  list(page?: PageRequest): Promise<Page<Deployment>>;
  /** Takes the dispatcher away once its executions have ended or were handed back. MUST be safe to repeat; what waits for the module stays on the bus. */
  remove(name: string): Promise<void>;
}
