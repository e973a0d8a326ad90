import { sortTopics } from "./graph.ts";
import { App, type Chart } from "./kubernetes.ts";
import { ModuleChart } from "./module.ts";
import { PlatformChart } from "./platform.ts";
import type { ChartProps, KubernetesObject, Manifest } from "./props.ts";
import { applyStack, completeStack } from "./stack.ts";
import { toYaml } from "./yaml.ts";

/** Renders one chart. An App of its own, as an App looks at all of its charts whenever it renders one. */
function renderChart(makeChart: (app: App) => Chart): readonly KubernetesObject[] {
  return makeChart(new App()).toJson();
}

/**
 * Renders all manifests of a pipeline on a stack: the platform's first, then the modules' in the
 * order of their declarations. The same props give the same bytes.
 *
 * @throws DeclarationError with every rule that the stack breaks
 * @example
 * ```ts
 * for (const { file, yaml } of renderManifests({ pipeline: media.spec, stack: prod })) writeFileSync(file, yaml);
 * ```
 */
export function renderManifests(props: ChartProps): readonly Manifest[] {
  const pipeline = applyStack(props.pipeline, props.stack);
  const stack = completeStack(pipeline.name, props.stack);
  const topics = sortTopics(pipeline);
  const platform = renderChart((app) => new PlatformChart(app, { pipeline, stack }));
  return [
    { file: "platform.yaml", objects: platform, yaml: toYaml(platform) },
    ...pipeline.modules.map((module) => {
      const objects = renderChart((app) => new ModuleChart(app, { pipeline, stack, topics, module }));
      return { file: `${module.name}.yaml`, module: module.name, objects, yaml: toYaml(objects) };
    }),
  ];
}
