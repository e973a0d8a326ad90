import type { Size } from "./size.ts";

/** What an attempt may use. A laptop's processes are not limited; the cloud's are. */
export interface Resources {
  /** Cores. */
  readonly cpu?: number;
  /** A Size, or a Kubernetes quantity such as `"512Mi"`. */
  readonly memory?: Size | KubernetesQuantity;
  /** Whole GPUs. @default 0 */
  readonly gpu?: number;
  /** Scratch disk for the workspace. */
  readonly ephemeralStorage?: Size | KubernetesQuantity;
}

export type KubernetesQuantity = `${number}${"Ki" | "Mi" | "Gi" | "Ti"}`;

export interface KubernetesOptions extends Resources {
  /** Runs on nodes that the cloud may take back. @default false */
  readonly spot?: boolean;
  /** Name of a priority class. */
  readonly priority?: string;
  /** Labels that a node must have. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

export interface BatchOptions extends Resources {
  /** Runs on low-priority nodes, which are cheaper and may be taken back. @default false */
  readonly spot?: boolean;
  /** -1000 (last) to 1000 (first). @default 0 */
  readonly priority?: number;
  /** The pool's name, where the default for the resources is not wanted. */
  readonly pool?: string;
}

export interface ProcessOptions {
  /** Folder the command starts in, relative to the project. @default the project's folder */
  readonly workingDirectory?: string;
}

/** Where a module's attempts run, as plain data. In local mode every module runs as a process. */
export type ExecutorSpec =
  | ({ readonly kind: "process" } & ProcessOptions)
  | ({ readonly kind: "kubernetes" } & KubernetesOptions)
  | ({ readonly kind: "batch" } & BatchOptions);

/** Runs the module as a child process of the runtime. */
export const process = (options: ProcessOptions = {}): ExecutorSpec => ({ kind: "process", ...options });

/** Runs the module as a Kubernetes Job. */
export const kubernetes = (options: KubernetesOptions = {}): ExecutorSpec => ({
  kind: "kubernetes",
  ...options,
});

/** Runs the module as an Azure Batch task. */
export const batch = (options: BatchOptions = {}): ExecutorSpec => ({ kind: "batch", ...options });

const unitBytes: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** The bytes of an amount; `NaN` when it is a text that is no quantity. */
export function toBytes(amount: Size | KubernetesQuantity): number {
  if (typeof amount !== "string") return amount.bytes;
  const { count = "", unit = "" } = /^(?<count>\d+(?:\.\d+)?)(?<unit>[KMGT]i)$/.exec(amount)?.groups ?? {};
  return count === "" ? Number.NaN : Number(count) * (unitBytes[unit] ?? Number.NaN);
}
