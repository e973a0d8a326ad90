import type { PipelineSpec } from "./check.ts";
import { type ExecutorSpec, type KubernetesQuantity, toBytes } from "./executor.ts";
import type { Problem } from "./problem.ts";
import type { Size } from "./size.ts";

/** Nodes of one kind that a stack has for jobs. */
export interface NodePool {
  /** For `batch` the Batch pool's id. */
  readonly name: string;
  /** Whose jobs run on it. @default "kubernetes" */
  readonly executor?: "kubernetes" | "batch";
  /** Cores that one node has for a job. */
  readonly cpu: number;
  /** What one node has for a job. */
  readonly memory: Size | KubernetesQuantity;
  /** Whole GPUs of one node. @default 0 */
  readonly gpu?: number;
  /** Whether the cloud may take the nodes back. @default false */
  readonly spot?: boolean;
  /** Nodes that there may be at most. */
  readonly count: number;
}

type JobExecutor = Exclude<ExecutorSpec, { kind: "process" }>;

/** What a job asks for, and how to tell whether a pool has it; the first that no pool has is the problem. */
interface Wish {
  readonly field: string;
  readonly value: string;
  readonly isMet: (pool: NodePool) => boolean;
}

function listWishes(executor: JobExecutor): Wish[] {
  const { kind, cpu = 0, memory, gpu = 0, spot = false } = executor;
  const bytes = memory === undefined ? 0 : toBytes(memory);
  const pool = executor.kind === "batch" ? executor.pool : undefined;
  return [
    {
      field: "executor",
      value: kind,
      isMet: (each) => (each.executor ?? "kubernetes") === kind && each.count > 0,
    },
    { field: "executor.pool", value: pool ?? "", isMet: (each) => pool === undefined || each.name === pool },
    { field: "executor.spot", value: String(spot), isMet: (each) => (each.spot ?? false) === spot },
    { field: "executor.gpu", value: String(gpu), isMet: (each) => (each.gpu ?? 0) >= gpu },
    { field: "executor.cpu", value: String(cpu), isMet: (each) => each.cpu >= cpu },
    {
      field: "executor.memory",
      value: typeof memory === "string" ? memory : `${bytes} bytes`,
      // What is no amount is refused by itself.
      isMet: (each) => Number.isNaN(bytes) || toBytes(each.memory) >= bytes,
    },
  ];
}

/** Narrows the pools wish by wish. */
function findUnmet(executor: JobExecutor, pools: readonly NodePool[]): Wish | undefined {
  let left = pools;
  return listWishes(executor).find(({ isMet }) => {
    left = left.filter(isMet);
    return left.length === 0;
  });
}

function describePool({
  name,
  executor = "kubernetes",
  cpu,
  memory,
  gpu = 0,
  spot = false,
}: NodePool): string {
  const amount = typeof memory === "string" ? memory : `${memory.bytes} bytes`;
  return `${name} (${executor}, cpu ${cpu}, memory ${amount}, gpu ${gpu}${spot ? ", spot" : ""})`;
}

/** Checks that every module's job fits on a node of some pool of the stack. */
export function checkPools({ modules }: PipelineSpec, stack: string, pools: readonly NodePool[]): Problem[] {
  const offered = pools.length === 0 ? "none" : pools.map(describePool).join(", ");
  return modules.flatMap(({ name, executor }): Problem[] => {
    const unmet = executor.kind === "process" ? undefined : findUnmet(executor, pools);
    if (unmet === undefined) return [];
    const { field, value } = unmet;
    const message = `module '${name}': ${field} must be what a pool of stack '${stack}' offers together with the rest: current value is ${value}; the pools are ${offered}`;
    return [{ module: name, field, value, message }];
  });
}
