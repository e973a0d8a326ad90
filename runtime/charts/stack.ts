import { isIP } from "node:net";
import type { PipelineSpec } from "../contract/check.ts";
import { IonError } from "../contract/errors.ts";
import type { ExecutorSpec, Resources } from "../contract/executor.ts";
import type { ModuleSpec } from "../contract/module.ts";
import { findModuleNameProblem } from "../contract/names.ts";
import { DeclarationError, type Problem } from "../contract/problem.ts";
import { isByDigest } from "./names.ts";
import type { NetworkSettings, Stack } from "./props.ts";

/** A namespace and a priority class are named for both the pipeline and the stack. */
const maxStackNameLength = 20;

/** A stack with every default filled in. */
export interface CompleteStack extends Stack {
  readonly namespace: string;
  readonly network: Required<NetworkSettings>;
  readonly drainSeconds: number;
  readonly concurrency: number;
  readonly quota: Readonly<Record<string, string>>;
}

/** Fills in what a stack leaves out. */
export function completeStack(pipeline: string, stack: Stack): CompleteStack {
  return {
    ...stack,
    namespace: stack.namespace ?? `${pipeline}-${stack.name}`,
    network: {
      clusterRanges: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
      // AKS's default service range begins at 10.0.0.0/16, and its first address is the API server's.
      apiServerRanges: ["10.0.0.1/32"],
      azureRanges: ["0.0.0.0/0"],
      ingressNamespace: "app-routing-system",
      ...stack.network,
    },
    drainSeconds: stack.dispatchers?.drainSeconds ?? 300,
    concurrency: stack.dispatchers?.concurrency ?? 10,
    // Against a flood, not for thrift: a dispatcher a module, and Jobs that have ended an hour ago or less.
    quota: stack.quota ?? { pods: "2000", "count/jobs.batch": "20000" },
  };
}

function checkNames(pipeline: string, { name, namespace }: Stack): Problem[] {
  const nameProblem = findModuleNameProblem(name, "stack name");
  const namespaceProblem =
    namespace === undefined ? undefined : findModuleNameProblem(namespace, `namespace of stack '${name}'`);
  const problems: Problem[] = [];
  if (nameProblem !== undefined) problems.push({ field: "name", value: name, message: nameProblem });
  if (name.length > maxStackNameLength) {
    const message = `stack name '${name}' has ${name.length} characters: at most ${maxStackNameLength} are allowed, as pipeline '${pipeline}' and it name the namespace`;
    problems.push({ field: "name", value: name, message });
  }
  if (namespace !== undefined && namespaceProblem !== undefined)
    problems.push({ field: "namespace", value: namespace, message: namespaceProblem });
  return problems;
}

/** Names in a stack that the pipeline doesn't have are mistakes: what they were to change stays unchanged. */
function checkKnown(pipeline: PipelineSpec, stack: Stack): Problem[] {
  const known = new Set(pipeline.modules.map(({ name }) => name));
  const named = [
    ...Object.keys(stack.images ?? {}).map((name) => ({ name, field: `images.${name}` })),
    ...Object.keys(stack.modules ?? {}).map((name) => ({ name, field: `modules.${name}` })),
    ...Object.keys(stack.azure.clientIds.modules ?? {}).map((name) => ({
      name,
      field: `azure.clientIds.modules.${name}`,
    })),
  ];
  return named
    .filter(({ name }) => !known.has(name))
    .map(({ name, field }) => ({
      field,
      value: name,
      message: `stack '${stack.name}' names module '${name}' in ${field}, which pipeline '${pipeline.name}' doesn't have`,
    }));
}

function isRange(text: string): boolean {
  const [address = "", prefix = "", ...rest] = text.split("/");
  return rest.length === 0 && isIP(address) === 4 && /^\d+$/.test(prefix) && Number(prefix) <= 32;
}

function checkRanges({ name, network = {} }: Stack): Problem[] {
  const { clusterRanges = [], apiServerRanges = [], azureRanges = [] } = network;
  return Object.entries({ clusterRanges, apiServerRanges, azureRanges }).flatMap(([field, ranges]) =>
    ranges
      .filter((range) => !isRange(range))
      .map((range) => ({
        field: `network.${field}`,
        value: range,
        message: `stack '${name}' has '${range}' in network.${field}: write an IPv4 range, such as 10.0.0.0/16`,
      })),
  );
}

const digestRule = "must be given by digest, as registry/name@sha256:<64 hexadecimal digits>";

function checkRuntimeImage({ name, runtimeImage }: Stack): Problem[] {
  if (isByDigest(runtimeImage)) return [];
  const message = `stack '${name}': runtimeImage ${digestRule}: current value is '${runtimeImage}'`;
  return [{ field: "runtimeImage", value: runtimeImage, message }];
}

/** A laptop needs no image; a stack does. */
function checkImage({ name, image }: ModuleSpec, stack: Stack): Problem[] {
  if (image !== undefined && isByDigest(image)) return [];
  const found = image === undefined ? "there is none" : `current value is '${image}'`;
  const message = `module '${name}': image ${digestRule}, in the declaration or in images of stack '${stack.name}': ${found}`;
  return [{ module: name, field: "image", value: image ?? "", message }];
}

function checkBatch({ name, executor }: ModuleSpec, stack: Stack): Problem[] {
  if (executor.kind !== "batch" || stack.azure.batchEndpoint !== undefined) return [];
  const message = `module '${name}': executor is batch, but stack '${stack.name}' has no azure.batchEndpoint: add it, or choose kubernetes`;
  return [{ module: name, field: "executor", value: "batch", message }];
}

function checkPorts({ name }: ModuleSpec, stack: Stack): Problem[] {
  return (stack.modules?.[name]?.egressPorts ?? [])
    .filter((port) => !Number.isInteger(port) || port < 1 || port > 65_535)
    .map((port) => ({
      module: name,
      field: `modules.${name}.egressPorts`,
      value: String(port),
      message: `module '${name}': egressPorts of stack '${stack.name}' must be whole numbers from 1 to 65535: current value is ${port}`,
    }));
}

function checkScale({ name, scale }: ModuleSpec, stack: Stack): Problem[] {
  const { min, max, targetQueueLength } = scale;
  const isWhole = [min, max, targetQueueLength].every(Number.isInteger);
  if (isWhole && min >= 0 && max >= Math.max(1, min) && targetQueueLength >= 1) return [];
  return [
    {
      module: name,
      field: `modules.${name}.scale`,
      value: JSON.stringify(scale),
      message: `module '${name}' is scaled from ${min} to ${max} at ${targetQueueLength} waiting events in stack '${stack.name}': whole numbers with 0 <= min <= max, max and targetQueueLength at least 1 are needed`,
    },
  ];
}

function overrideExecutor(executor: ExecutorSpec, resources: Resources = {}): ExecutorSpec {
  // A process has no place in a cluster: there it is a Job with the default resources.
  return executor.kind === "process" ? { kind: "kubernetes", ...resources } : { ...executor, ...resources };
}

function overrideModule(module: ModuleSpec, stack: Stack): ModuleSpec {
  const { scale, resources, concurrency, config } = stack.modules?.[module.name] ?? {};
  const image = stack.images?.[module.name] ?? module.image;
  return {
    ...module,
    ...(image !== undefined && { image }),
    ...(concurrency !== undefined && { concurrency }),
    executor: overrideExecutor(module.executor, resources),
    scale: { ...module.scale, ...scale },
    config: { ...module.config, ...config },
  };
}

/**
 * Checks what a stack says by itself and of a pipeline's modules.
 *
 * @returns every broken rule
 */
export function checkStack(pipeline: PipelineSpec, stack: Stack): Problem[] {
  return [
    ...checkNames(pipeline.name, stack),
    ...checkKnown(pipeline, stack),
    ...checkRanges(stack),
    ...checkRuntimeImage(stack),
    ...pipeline.modules
      .map((module) => overrideModule(module, stack))
      .flatMap((module) =>
        [checkImage, checkBatch, checkScale, checkPorts].flatMap((check) => check(module, stack)),
      ),
  ];
}

/**
 * Puts a stack's overrides on a pipeline; the declarations stay as they are.
 *
 * @throws DeclarationError with every rule that `checkStack` finds broken
 */
export function applyStack(pipeline: PipelineSpec, stack: Stack): PipelineSpec {
  const problems = checkStack(pipeline, stack);
  if (problems.length > 0) throw new DeclarationError(problems);
  return { ...pipeline, modules: pipeline.modules.map((module) => overrideModule(module, stack)) };
}

/**
 * The image that a module runs.
 *
 * @throws IonError `invalid` when it has none, which `checkStack` tells before
 */
export function getImage({ name, image }: ModuleSpec): string {
  if (image === undefined)
    throw new IonError("invalid", `module '${name}': image ${digestRule}: there is none`);
  return image;
}
