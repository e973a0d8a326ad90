import type { PipelineSpec } from "./check.ts";
import { checkImages } from "./check-images.ts";
import { checkLimits } from "./check-limits.ts";
import { checkPools, type NodePool } from "./check-pools.ts";
import { checkSecrets } from "./check-secrets.ts";
import { checkReach } from "./graph.ts";
import type { Problem } from "./problem.ts";

/** What of a stack the checks look at. */
export interface CheckedStack {
  readonly name: string;
  /** @default not checked: the stack doesn't say what it has */
  readonly pools?: readonly NodePool[];
}

/**
 * Checks what `pipeline()` can't or needn't: that the declarations fit the places where they run.
 *
 * @param spec a pipeline that keeps `checkPipeline`'s rules, with the stack's overrides applied
 * @param stack where it is to run; without one only what holds everywhere is checked
 * @returns every broken rule
 */
export function checkDeclarations(spec: PipelineSpec, stack?: CheckedStack): Problem[] {
  return [
    ...checkReach(spec),
    ...checkLimits(spec),
    ...checkImages(spec),
    ...(stack?.pools === undefined ? [] : checkPools(spec, stack.name, stack.pools)),
    ...checkSecrets(spec),
  ];
}
