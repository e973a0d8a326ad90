import { createHash } from "node:crypto";
import { maxKubernetesNameLength } from "../contract/limits.ts";

/** A part of the platform that runs as a Deployment of its own. */
export type Part = "gateway" | "management" | "sweeper";

/** What a pod is for. */
export type Component = Part | "dispatcher" | "job";

export type Labels = Readonly<Record<string, string>>;

/** The labels that select one set of pods and no other: a module may be named as a part of the platform is. */
export function selectorLabels(pipeline: string, component: Component, name: string): Labels {
  return {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/component": component,
    "app.kubernetes.io/part-of": pipeline,
  };
}

/** All labels of an object. @param version as in `labelVersion()` */
export function allLabels(selector: Labels, version: string): Labels {
  return {
    ...selector,
    "app.kubernetes.io/version": version,
    "app.kubernetes.io/managed-by": "ion",
  };
}

/** Says a version as a label's value may be: at most 63 letters, digits, '-', '_', '.', alphanumeric at both ends. */
export function labelVersion(version: string): string {
  const text = version.replaceAll(/[^A-Za-z0-9._-]/g, "-").slice(0, maxKubernetesNameLength);
  return text.replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}

/** Whether an image is named by its digest, so that what runs is what was reviewed. */
export function isByDigest(image: string): boolean {
  return /^[^@\s]+@sha256:[0-9a-f]{64}$/.test(image);
}

/** What of an image runs: the first 12 characters of its digest. */
export function imageVersion(image: string): string {
  return image
    .slice(image.indexOf("@") + 1)
    .replace(/^sha256:/, "")
    .slice(0, 12);
}

/** The first characters of a text's SHA-256, in hexadecimal. */
export function contentHash(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

/** The name of a ConfigMap whose content is in its name: other content is another object, which pods are rolled to. */
export function hashedName(prefix: string, data: Readonly<Record<string, string>>): string {
  return `${prefix}-${contentHash(JSON.stringify(data), 10)}`;
}

/** The names of a module's objects. A module's name has at most 40 characters, so none passes 63. */
export const moduleNames = {
  dispatcher: (module: string): string => `dispatcher-${module}`,
  /** The service account of its jobs. */
  job: (module: string): string => `job-${module}`,
  /** The Secret that its secret references point into; not made here. */
  secrets: (module: string): string => `${module}-secrets`,
} as const;

/** The Role that every dispatcher is bound to; one, as all of them may do the same. */
export const dispatcherRole = "dispatcher";

/** Priority classes are cluster-wide, so they carry the namespace's name. */
export const priorityClass = {
  platform: (namespace: string): string => `${namespace}-platform`,
  jobs: (namespace: string): string => `${namespace}-jobs`,
} as const;
