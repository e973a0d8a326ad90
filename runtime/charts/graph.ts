import type { PipelineSpec } from "../contract/check.ts";
import { flowCompleted } from "../contract/event.ts";
import type { ModuleSpec } from "../contract/module.ts";
import { longestRetention } from "../contract/retention.ts";
import { listTopics, type Topic } from "../contract/routing.ts";

/** What of the graph somebody needs who publishes events: their schemas, and who gets them. */
export interface GraphPart {
  readonly pipeline: string;
  /** The schemas that data is checked against. */
  readonly events: PipelineSpec["events"];
  readonly topics: readonly Topic[];
  /** Of the module that keeps longest: a flow's documents are kept as long. */
  readonly retentionMilliseconds: number;
}

/** A module's part of the graph, with its declaration. */
export interface ModuleGraph extends GraphPart {
  readonly module: ModuleSpec;
}

/** The platform's part: all topics, but schemas only of the events that come from outside. */
export interface PlatformGraph extends GraphPart {
  readonly sources: readonly string[];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The topics of a pipeline in an order of their own, so that moving a declaration changes no manifest. */
export function sortTopics(pipeline: PipelineSpec): Topic[] {
  return listTopics(pipeline)
    .map(({ type, subscriptions }) => ({
      type,
      subscriptions: subscriptions.toSorted((a, b) => compare(a.module, b.module)),
    }))
    .toSorted((a, b) => compare(a.type, b.type));
}

const pickEvents = ({ events }: PipelineSpec, types: readonly string[]): PipelineSpec["events"] =>
  Object.fromEntries(
    Object.entries(events)
      .filter(([type]) => types.includes(type))
      .toSorted(([a], [b]) => compare(a, b)),
  );

/**
 * Picks what a module's dispatcher and jobs need, so that a change elsewhere leaves it alone.
 *
 * @param topics of the whole pipeline, from `sortTopics()`
 */
export function moduleGraph(
  pipeline: PipelineSpec,
  topics: readonly Topic[],
  module: ModuleSpec,
): ModuleGraph {
  // Whoever commits last ends the flow, and counts who subscribes to its end.
  const published = [...module.emits, flowCompleted.type];
  return {
    pipeline: pipeline.name,
    module,
    events: pickEvents(pipeline, [...module.on.map(({ type }) => type), ...module.emits]),
    topics: topics.filter(({ type }) => published.includes(type)),
    retentionMilliseconds: longestRetention(pipeline),
  };
}

export function platformGraph(pipeline: PipelineSpec): PlatformGraph {
  return {
    pipeline: pipeline.name,
    sources: pipeline.sources,
    events: pickEvents(pipeline, pipeline.sources),
    topics: sortTopics(pipeline),
    retentionMilliseconds: longestRetention(pipeline),
  };
}
