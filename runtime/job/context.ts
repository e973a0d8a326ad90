import type { PipelineSpec } from "../contract/check.ts";
import type { Clock } from "../contract/clock.ts";
import type { Ids } from "../contract/ids.ts";
import type { Routes } from "../contract/routing.ts";
import type { Blobs } from "../ports/blobs.ts";
import type { Bus } from "../ports/bus.ts";
import type { Documents } from "../ports/documents.ts";

/** What the steps of a job, the relay and the sweeper work with. */
export interface JobContext {
  readonly documents: Documents;
  readonly blobs: Blobs;
  readonly bus: Bus;
  /** The graph as it is now: it may change while the runtime runs. */
  readonly pipeline: () => PipelineSpec;
  readonly routes: () => Routes;
  readonly ids: Ids;
  readonly clock: Clock;
}
