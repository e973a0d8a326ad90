import type { PipelineSpec } from "../contract/check.ts";
import { IonError } from "../contract/errors.ts";
import type { ModuleSpec } from "../contract/module.ts";
import type { Topic } from "../contract/routing.ts";
import { sortTopics } from "./graph.ts";
import { App, type Chart } from "./kubernetes.ts";
import { ModuleChart } from "./module.ts";
import { PlatformChart } from "./platform.ts";
import type { ChartProps, KubernetesObject, Manifest } from "./props.ts";
import { applyStack, type CompleteStack, completeStack } from "./stack.ts";
import { toYaml } from "./yaml.ts";

/** Renders one chart. An App of its own, as an App looks at all of its charts whenever it renders one. */
function renderChart(file: string, makeChart: (app: App) => Chart): Omit<Manifest, "module"> {
  const objects: readonly KubernetesObject[] = makeChart(new App()).toJson();
  return { file, objects, yaml: toYaml(objects) };
}

interface Applied {
  readonly pipeline: PipelineSpec;
  readonly stack: CompleteStack;
  readonly topics: readonly Topic[];
}

function apply(props: ChartProps): Applied {
  const pipeline = applyStack(props.pipeline, props.stack);
  return { pipeline, stack: completeStack(pipeline.name, props.stack), topics: sortTopics(pipeline) };
}

function renderOne(applied: Applied, module: ModuleSpec): Manifest {
  const { name } = module;
  const rendered = renderChart(`${name}.yaml`, (app) => new ModuleChart(app, { ...applied, module }));
  return { ...rendered, module: name };
}

/**
 * Renders the manifests of one module.
 *
 * @throws DeclarationError with every rule that the stack breaks
 * @throws IonError `not-found` when the pipeline has no such module
 */
export function renderModule(props: ChartProps, name: string): Manifest {
  const applied = apply(props);
  const module = applied.pipeline.modules.find((each) => each.name === name);
  if (module === undefined) {
    throw new IonError(
      "not-found",
      `cannot render module '${name}': pipeline '${props.pipeline.name}' has none`,
    );
  }
  return renderOne(applied, module);
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
  const applied = apply(props);
  return [
    renderChart("platform.yaml", (app) => new PlatformChart(app, applied)),
    ...applied.pipeline.modules.map((module) => renderOne(applied, module)),
  ];
}
