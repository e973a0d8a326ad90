import type { PipelineSpec } from "./check.ts";
import type { Filter, IonEvent } from "./event.ts";

/** Whether an event's data has the values a filter names. */
export function matches(filter: Filter, data: IonEvent["data"]): boolean {
  return Object.entries(filter).every(([field, wanted]) => {
    const value = data[field];
    return Array.isArray(wanted) ? wanted.includes(value) : value === wanted;
  });
}

/** Who receives an event: per event type, each subscribing module with its filters (any of them suffices). */
export interface Routes {
  /** The names of the modules that an event goes to. */
  route(event: Pick<IonEvent, "type" | "data">): readonly string[];
}

/** The subscriptions of a pipeline, by event type. */
export interface Topic {
  readonly type: string;
  readonly subscriptions: readonly { readonly module: string; readonly filters: readonly Filter[] }[];
}

/** The topics and subscriptions that a pipeline needs; an event type without a subscriber is a topic too. */
export function listTopics(pipeline: PipelineSpec): Topic[] {
  return Object.keys(pipeline.events).map((type) => ({
    type,
    subscriptions: pipeline.modules
      .map(({ name, on }) => ({
        module: name,
        filters: on.filter((subscription) => subscription.type === type).map(({ filter }) => filter),
      }))
      .filter(({ filters }) => filters.length > 0),
  }));
}

export function makeRoutes(topics: readonly Topic[]): Routes {
  const byType = new Map(topics.map((topic) => [topic.type, topic.subscriptions]));
  return {
    route: ({ type, data }) =>
      (byType.get(type) ?? [])
        .filter(({ filters }) => filters.some((filter) => matches(filter, data)))
        .map(({ module }) => module),
  };
}
