import { documentId, type ExecutionDocument, type Failure } from "../contract/documents.ts";
import type { IonEvent } from "../contract/event.ts";
import type { ModuleSpec } from "../contract/module.ts";
import type { EndTransition } from "../ports/executor.ts";

/**
 * Attempts that may end through no fault of the module before an execution is given up. High, as a
 * runtime or a spot node may well go away dozens of times under a patient execution; but a program
 * that takes its machine down with it must end some time.
 */
export const maxInterruptions = 50;

/** How long somebody else may take from writing down an attempt to submitting it. */
const submitMilliseconds = 1_000;

/** What to do with a delivery, given what the documents say. */
export type Decision =
  /** Run this attempt. */
  | { readonly kind: "run"; readonly document: ExecutionDocument }
  /** The attempt runs already: wait for its end. */
  | { readonly kind: "join"; readonly document: ExecutionDocument }
  /** Not yet: hand the message back until then. */
  | { readonly kind: "wait"; readonly milliseconds: number }
  /** It has succeeded: see that its children are out, then complete the message. */
  | { readonly kind: "finish" }
  /** It has ended as a dead letter: set the message aside. */
  | { readonly kind: "setAside"; readonly failure: Failure };

/** What to do once an attempt has ended. */
export type Outcome =
  | { readonly kind: "finish" }
  /** Another attempt, after a while. */
  | {
      readonly kind: "retry";
      readonly document: ExecutionDocument;
      readonly delayMilliseconds: number;
      readonly failure: Failure;
    }
  /** Another attempt, at once: the last one doesn't count. */
  | { readonly kind: "run"; readonly document: ExecutionDocument }
  | { readonly kind: "bury"; readonly document: ExecutionDocument; readonly failure: Failure };

const unknownFailure: Failure = {
  code: "commit-failed",
  message: "it failed before; the reason was not kept",
  permanent: true,
};

/** The document with which an execution begins. */
export function beginExecution(
  executionId: string,
  event: IonEvent,
  module: ModuleSpec,
  version: string,
  now: number,
): ExecutionDocument {
  return {
    kind: "execution",
    id: documentId.execution(executionId),
    flow: event.correlationid,
    module: module.name,
    version,
    eventId: event.id,
    phase: "running",
    attempt: 1,
    interruptions: 0,
    forgiven: 0,
    startedAt: now,
    attemptStartedAt: now,
    ...(event.afterflow && { afterflow: true }),
  };
}

function nextAttempt(document: ExecutionDocument, version: string, now: number): ExecutionDocument {
  const { notBefore: _, ...rest } = document;
  return { ...rest, phase: "running", attempt: document.attempt + 1, version, attemptStartedAt: now };
}

function buried(document: ExecutionDocument, failure: Failure, now: number): Outcome {
  const { notBefore: _, ...rest } = document;
  return { kind: "bury", document: { ...rest, phase: "dead", endedAt: now, error: failure }, failure };
}

export interface DecideInput {
  readonly document: ExecutionDocument;
  /** Whether the executor runs the document's attempt. */
  readonly isRunning: boolean;
  /** When the delivery came, in milliseconds since 1970. */
  readonly arrivedAt: number;
  readonly version: string;
  readonly now: number;
}

/** Decides on a delivery whose execution has begun before. */
export function decide({ document, isRunning, arrivedAt, version, now }: DecideInput): Decision | Outcome {
  switch (document.phase) {
    case "succeeded":
      return { kind: "finish" };
    case "dead":
      return { kind: "setAside", failure: document.error ?? unknownFailure };
    case "waiting": {
      const milliseconds = (document.notBefore ?? 0) - now;
      if (milliseconds > 0) return { kind: "wait", milliseconds };
      return { kind: "run", document: nextAttempt(document, version, now) };
    }
    case "running":
      if (isRunning) return { kind: "join", document };
      // Whoever began it did so while this delivery was here, and is about to submit it.
      if (document.attemptStartedAt >= arrivedAt) return { kind: "wait", milliseconds: submitMilliseconds };
      return interrupt(document, version, now, "its runtime stopped");
  }
}

function interrupt(document: ExecutionDocument, version: string, now: number, reason: string): Outcome {
  if (document.interruptions >= maxInterruptions) {
    const message = `it was interrupted ${document.interruptions + 1} times, the last time because ${reason}: at most ${maxInterruptions} are forgiven`;
    return buried(document, { code: "interrupted-too-often", message, permanent: true }, now);
  }
  const interrupted = { ...document, interruptions: document.interruptions + 1 };
  return { kind: "run", document: nextAttempt(interrupted, version, now) };
}

/**
 * Exponential backoff with full jitter between the declared bounds.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param attempts attempts that count so far, from 1
 * @param random from 0 to 1
 */
export function backoffMilliseconds(retry: ModuleSpec["retry"], attempts: number, random: number): number {
  const { minDelayMilliseconds: min, maxDelayMilliseconds: max } = retry;
  // Infinity times a bound of 0 would be no number.
  const ceiling = Math.min(max, min * 2 ** Math.min(attempts - 1, 1_000));
  return Math.round(min + random * Math.max(0, ceiling - min));
}

export interface DecideEndInput {
  readonly document: ExecutionDocument;
  readonly end: EndTransition;
  readonly module: ModuleSpec;
  readonly version: string;
  readonly now: number;
  readonly random: number;
}

/** Decides what follows the end of an attempt. */
export function decideEnd({ document, end, module, version, now, random }: DecideEndInput): Outcome {
  switch (end.state) {
    case "succeeded":
      return { kind: "finish" };
    case "lost":
      return interrupt(document, version, now, end.reason);
    case "failed": {
      const attempts = document.attempt - document.interruptions - document.forgiven;
      if (end.failure.permanent || attempts >= module.retry.attempts)
        return buried(document, end.failure, now);
      const delayMilliseconds = backoffMilliseconds(module.retry, attempts, random);
      const waiting = {
        ...document,
        phase: "waiting",
        notBefore: now + delayMilliseconds,
        error: end.failure,
      } as const;
      return { kind: "retry", document: waiting, delayMilliseconds, failure: end.failure };
    }
  }
}
