import { type DeploymentStrategy, IntOrString } from "./kubernetes.ts";
import type { Labels } from "./names.ts";

/** The new pod is ready before the old one is told to stop: that one then drains, and takes nothing new. */
const strategy: DeploymentStrategy = {
  type: "RollingUpdate",
  rollingUpdate: { maxUnavailable: IntOrString.fromNumber(0), maxSurge: IntOrString.fromNumber(1) },
};

/** How a Deployment changes from one version to the next. */
export const rolling = (selector: Labels) => ({
  selector: { matchLabels: { ...selector } },
  revisionHistoryLimit: 3,
  strategy,
});
