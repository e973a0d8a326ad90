import { attemptKey } from "../contract/ids.ts";
import { attemptAnnotations, executionLabel, type JobTemplate } from "./job.ts";
import { contentHash, type Labels } from "./names.ts";

/** What tells one attempt's Job from another's. */
export interface JobAttempt {
  readonly module: string;
  readonly executionId: string;
  /** From 1. */
  readonly attempt: number;
  readonly eventId: string;
  readonly correlationId: string;
}

/** A Job that can be created as it is. */
export interface AttemptJob extends JobTemplate {
  readonly metadata: JobTemplate["metadata"] & { readonly name: string };
}

/** An attempt's name, the same on every submit: creating it twice is a conflict, so one key is one run. At most 61 characters. */
export function jobName({ module, executionId, attempt }: JobAttempt): string {
  return `${module}-${contentHash(attemptKey(executionId, attempt), 20)}`;
}

function annotate({ executionId, attempt, eventId, correlationId }: JobAttempt): Labels {
  return {
    [attemptAnnotations.ION_EXECUTION_ID]: executionId,
    [attemptAnnotations.ION_ATTEMPT]: String(attempt),
    [attemptAnnotations.ION_EVENT_ID]: eventId,
    [attemptAnnotations.ION_CORRELATION_ID]: correlationId,
  };
}

/** Makes an attempt's Job of its module's template. */
export function fillJob(template: JobTemplate, attempt: JobAttempt): AttemptJob {
  const { metadata, spec } = template;
  const pod = spec.template;
  const label = { [executionLabel]: attempt.executionId };
  const annotations = annotate(attempt);
  return {
    ...template,
    metadata: {
      ...metadata,
      name: jobName(attempt),
      labels: { ...metadata.labels, ...label },
      annotations,
    },
    spec: {
      ...spec,
      template: {
        ...pod,
        metadata: {
          labels: { ...pod.metadata.labels, ...label },
          annotations: { ...pod.metadata.annotations, ...annotations },
        },
      },
    },
  };
}
