import type { PipelineSpec } from "./check.ts";

/** How long a flow is kept: as long as the most patient of its pipeline's modules says. In milliseconds. */
export const longestRetention = ({ modules }: PipelineSpec): number =>
  Math.max(0, ...modules.map(({ retentionMilliseconds }) => retentionMilliseconds));
