import { IonError } from "../contract/errors.ts";
import type { KubernetesOptions } from "../contract/executor.ts";
import type { ModuleSpec } from "../contract/module.ts";
import { type Container, type EnvVar, KubeJob, type PodSpec, Quantity } from "./kubernetes.ts";
import { allLabels, type Labels, moduleNames, priorityClass } from "./names.ts";
import { moduleResources, partResources, workspaceLimit } from "./resources.ts";
import { runtimeMounts, runtimeVolumes } from "./runtime-pod.ts";
import { schedule } from "./scheduling.ts";
import { restrictedContainer, restrictedPod, skipIdentity, useIdentityLabel } from "./security.ts";

/** Where the workspace is in all three steps, as the contract has it by default. */
const workspace = "/ion";

/** What prepare and commit may take besides the module's own timeout, in seconds, before the job is given up. */
const transferSeconds = 3_600;

/** How long an ended job is kept, in seconds: long enough for any dispatcher to see its end. */
const keepSeconds = 3_600;

/** Between SIGTERM and SIGKILL, in seconds; the contract's ten. */
const graceSeconds = 10;

/** The annotations that say which attempt a pod is: its containers read them, so that the template stays as it is. */
export const attemptAnnotations = {
  ION_EXECUTION_ID: "ion/execution",
  ION_ATTEMPT: "ion/attempt",
  ION_EVENT_ID: "ion/event",
  ION_CORRELATION_ID: "ion/flow",
} as const;

/** The label that finds an execution's jobs and pods. */
export const executionLabel = "ion/execution";

export interface JobTemplateProps {
  readonly module: ModuleSpec;
  readonly image: string;
  readonly runtimeImage: string;
  readonly namespace: string;
  readonly selector: Labels;
  readonly version: string;
  /** The dispatcher's own: prepare and commit work with the declaration that the job began with. */
  readonly configMap: string;
}

/** A Job as plain data, without its name and without the attempt's annotations. */
export interface JobTemplate {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly namespace: string;
    readonly labels: Labels;
    readonly [field: string]: unknown;
  };
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: Labels; readonly annotations: Labels };
      readonly spec: object;
    };
    readonly [field: string]: unknown;
  };
}

/** Doubles `$`, else Kubernetes replaces `$(NAME)` in it. https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/ */
export const escapeDollars = (text: string): string => text.replaceAll("$", "$$$$");

const fromAnnotations = (): EnvVar[] =>
  Object.entries(attemptAnnotations).map(([name, annotation]) => ({
    name,
    valueFrom: { fieldRef: { fieldPath: `metadata.annotations['${annotation}']` } },
  }));

const workspaceEnvironment: readonly EnvVar[] = [
  { name: "ION_DIR", value: workspace },
  { name: "HANDLER_BASE_DIR", value: workspace },
];

/** All that the program finds in its environment, which is what it finds on a laptop. */
function moduleEnvironment({ name, config, secrets }: ModuleSpec): EnvVar[] {
  return [
    ...Object.entries(config).map(([variable, value]) => ({ name: variable, value: escapeDollars(value) })),
    ...Object.entries(secrets).map(([variable, secret]) => ({
      name: variable,
      valueFrom: { secretKeyRef: { name: moduleNames.secrets(name), key: secret.name } },
    })),
    { name: "HOME", value: "/tmp" },
    { name: "TMPDIR", value: "/tmp" },
    ...workspaceEnvironment,
    { name: "ION_MODULE", value: name },
    ...fromAnnotations(),
  ];
}

function moduleContainer({ module, image }: JobTemplateProps, options: KubernetesOptions): Container {
  return {
    name: "module",
    image,
    imagePullPolicy: "IfNotPresent",
    command: module.command.map(escapeDollars),
    env: moduleEnvironment(module),
    resources: moduleResources(options),
    securityContext: restrictedContainer,
    volumeMounts: [
      { name: "workspace", mountPath: workspace },
      { name: "module-tmp", mountPath: "/tmp" },
    ],
  };
}

function runtimeStep(
  step: "prepare" | "commit",
  { runtimeImage }: JobTemplateProps,
  storage: string,
): Container {
  return {
    name: step,
    image: runtimeImage,
    imagePullPolicy: "IfNotPresent",
    args: [step],
    env: [...workspaceEnvironment, ...fromAnnotations()],
    resources: partResources(undefined, storage),
    securityContext: restrictedContainer,
    volumeMounts: [...runtimeMounts, { name: "workspace", mountPath: workspace }],
  };
}

function jobPod(props: JobTemplateProps, options: KubernetesOptions): PodSpec {
  const { module, namespace, configMap } = props;
  const limit = workspaceLimit(options);
  const volume = { sizeLimit: Quantity.fromString(limit) };
  return {
    serviceAccountName: moduleNames.job(module.name),
    // The webhook mounts an identity's token into prepare and commit; nobody here calls the API server.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: "Never",
    terminationGracePeriodSeconds: graceSeconds,
    priorityClassName: options.priority ?? priorityClass.jobs(namespace),
    securityContext: restrictedPod,
    ...schedule(options),
    // Containers that run one after the other, each only once the one before it has succeeded.
    initContainers: [runtimeStep("prepare", props, limit), moduleContainer(props, options)],
    containers: [runtimeStep("commit", props, limit)],
    volumes: [
      ...runtimeVolumes(configMap),
      { name: "workspace", emptyDir: volume },
      { name: "module-tmp", emptyDir: volume },
    ],
  };
}

/**
 * Renders the Job of a module's attempts: prepare, module, commit.
 *
 * Kubernetes has no deadline for one container, so the Job's is the outer bound of all three; the
 * dispatcher ends a module that is over its own timeout.
 *
 * @throws IonError `invalid` when the module runs on Batch
 */
export function jobTemplate(props: JobTemplateProps): JobTemplate {
  const { module, namespace, selector, version } = props;
  if (module.executor.kind === "batch")
    throw new IonError("invalid", `cannot render a Job of module '${module.name}': it runs on Batch`);
  const options = module.executor.kind === "kubernetes" ? module.executor : {};
  const labels = allLabels(selector, version);
  return KubeJob.manifest({
    metadata: { namespace, labels },
    spec: {
      // Attempts are the dispatcher's to count.
      backoffLimit: 0,
      // Says in the Job's own status that the node went away: the pod may be gone before anyone looks.
      podFailurePolicy: {
        rules: [{ action: "FailJob", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }],
      },
      activeDeadlineSeconds: Math.ceil(module.timeoutMilliseconds / 1_000) + transferSeconds,
      ttlSecondsAfterFinished: keepSeconds,
      template: {
        metadata: {
          labels: { ...labels, ...useIdentityLabel },
          annotations: {
            ...skipIdentity("module"),
            // Else a scale-in of nodes ends it half way. https://learn.microsoft.com/azure/aks/cluster-autoscaler
            "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
          },
        },
        spec: jobPod(props, options),
      },
    },
  });
}
