import type { PipelineSpec } from "../contract/check.ts";
import type { NodePool } from "../contract/check-pools.ts";
import type { Resources } from "../contract/executor.ts";
import type { ModuleSpec } from "../contract/module.ts";

/** Client ids of the managed identities that the parts of a stack act as. None is a secret. */
export interface ClientIds {
  readonly gateway: string;
  readonly management: string;
  readonly sweeper: string;
  /** Of dispatchers: receives, reads and writes documents. */
  readonly dispatcher: string;
  /** Of a job's prepare and commit steps; the module between them has no identity. */
  readonly job: string;
  /** Of KEDA's operator: reads the depth of subscriptions. */
  readonly keda: string;
  /**
   * Identities of a module's own, by the module's name. One identity trusts at most 20 service
   * accounts, so a larger pipeline needs them.
   * https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
   * @default `dispatcher` and `job`
   */
  readonly modules?: Readonly<Record<string, { readonly dispatcher: string; readonly job: string }>>;
}

/** Where a stack's cloud services are. Everything here may be read by anyone: there are no keys. */
export interface AzureSettings {
  readonly tenantId: string;
  /** The namespace's name, without `.servicebus.windows.net`. */
  readonly serviceBusNamespace: string;
  /** Such as `https://ionprod.blob.core.windows.net`. */
  readonly blobEndpoint: string;
  /** Such as `https://ionprod.documents.azure.com:443/`. */
  readonly cosmosEndpoint: string;
  /** Such as `https://ionprod.westeurope.batch.azure.com`; needed once a module runs on Batch. */
  readonly batchEndpoint?: string;
  readonly clientIds: ClientIds;
}

/** Address ranges of the cluster, in CIDR notation. What is listed here is closed to modules. */
export interface NetworkSettings {
  /** Pods, services and nodes. @default ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] */
  readonly clusterRanges?: readonly string[];
  /** Where the API server answers: open to dispatchers and management, closed to jobs. @default ["10.0.0.1/32"] */
  readonly apiServerRanges?: readonly string[];
  /**
   * Where Azure's services answer. Name the private endpoints' subnets here, as they lie in `clusterRanges`.
   * @default ["0.0.0.0/0"], less `clusterRanges`, `apiServerRanges` and the metadata addresses
   */
  readonly azureRanges?: readonly string[];
  /** The namespace whose pods may call the gateway. @default "app-routing-system" */
  readonly ingressNamespace?: string;
}

/** Gives a part a name on the internet, with TLS. */
export interface IngressSettings {
  readonly host: string;
  /** The TLS Secret's name; who keeps it up to date is not Ion's business. */
  readonly tlsSecretName: string;
  /** @default "webapprouting.kubernetes.azure.com" */
  readonly className?: string;
}

/** What a container asks for and may use, as Kubernetes quantities. */
export interface PartResources {
  readonly cpu: string;
  readonly memory: string;
  /** @default `cpu` */
  readonly cpuLimit?: string;
  /** @default `memory` */
  readonly memoryLimit?: string;
}

/** How a part of the platform is sized. */
export interface PartOverrides {
  /** @default 2 for the gateway and management; the sweeper is always one */
  readonly replicas?: number;
  /** @default 100m to 1 CPU, 256Mi to 512Mi */
  readonly resources?: PartResources;
}

/** What a stack changes on a declared module; all else stays as declared. */
export interface ModuleOverrides {
  /** @default as declared */
  readonly scale?: Partial<ModuleSpec["scale"]>;
  /** Merged into the executor's options. @default as declared */
  readonly resources?: Resources;
  /** Executions that one dispatcher runs at once. @default as declared */
  readonly concurrency?: number;
  /** Merged into the declared config. @default as declared */
  readonly config?: Readonly<Record<string, string>>;
  /** TCP ports on the internet that its jobs may reach; 443, 5671 and 5672 are open wherever `azureRanges` leads. @default [] */
  readonly egressPorts?: readonly number[];
}

/** One place where a pipeline runs: `dev`, `prod`, ... */
export interface Stack {
  /** RFC 1123 label of at most 20 characters. */
  readonly name: string;
  /** @default `<pipeline>-<stack>` */
  readonly namespace?: string;
  /** The runtime's image, by digest. */
  readonly runtimeImage: string;
  /** Modules' images, by digest, under the modules' names; they win over what is declared. @default as declared */
  readonly images?: Readonly<Record<string, string>>;
  readonly azure: AzureSettings;
  readonly network?: NetworkSettings;
  /** @default none: the gateway is reachable from `ingressNamespace` only */
  readonly ingress?: IngressSettings;
  readonly gateway?: PartOverrides;
  readonly management?: PartOverrides;
  readonly sweeper?: Omit<PartOverrides, "replicas">;
  /** Of every dispatcher. */
  readonly dispatchers?: {
    /** @default 100m to 1 CPU, 256Mi to 512Mi */
    readonly resources?: PartResources;
    /** How long a stopping dispatcher waits for its executions before it hands them to the next, in seconds. @default 300 */
    readonly drainSeconds?: number;
    /** Executions at once, where a module doesn't say. @default 10 */
    readonly concurrency?: number;
  };
  /** What nodes it has for jobs. @default not checked */
  readonly pools?: readonly NodePool[];
  /** Hard limits of the namespace's ResourceQuota. @default { pods: "2000", "count/jobs.batch": "20000" } */
  readonly quota?: Readonly<Record<string, string>>;
  /** Overrides by module name. @default {} */
  readonly modules?: Readonly<Record<string, ModuleOverrides>>;
}

/** What every chart is rendered from, in `infra`, in management and on the command line. */
export interface ChartProps {
  /** As declared: the stack is applied by who renders. */
  readonly pipeline: PipelineSpec;
  readonly stack: Stack;
}

/** One YAML file of manifests. */
export interface Manifest {
  /** `platform.yaml`, or the module's name and `.yaml`. */
  readonly file: string;
  /** Absent on the platform's. */
  readonly module?: string;
  readonly objects: readonly KubernetesObject[];
  readonly yaml: string;
}

/** A Kubernetes object as plain data. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}
