import type { JsonObject } from "../contract/json.ts";
import type { SubscriptionSpec } from "../contract/module.ts";

/*
 * What the management API answers, in JSON. All times are ISO 8601 in UTC. Errors are problem
 * answers (RFC 9457) that carry Ion's error code in `code`.
 */

/** `/api` and below; ids and names are escaped. */
export const managementPaths = {
  /** GET, `size`, `after` */
  flows: "/api/flows",
  /** GET */
  flow: (correlationId: string): string => `/api/flows/${encodeURIComponent(correlationId)}`,
  /** GET: `text/event-stream` of FlowTrace, ended by the event `end` */
  follow: (correlationId: string): string => `/api/flows/${encodeURIComponent(correlationId)}/follow`,
  /** GET, `attempt`: `text/plain` */
  logs: (executionId: string): string => `/api/executions/${encodeURIComponent(executionId)}/logs`,
  /** GET, `module`, `type`, `code`, `size`, `after` */
  deadLetters: "/api/dead-letters",
  /** GET, `module` */
  deadLetter: (eventId: string): string => `/api/dead-letters/${encodeURIComponent(eventId)}`,
  /** POST a ReplaySelector */
  replay: "/api/dead-letters/replay",
  /** GET */
  modules: "/api/modules",
  /** GET, `module`, `since`, `size`, `after` */
  insights: "/api/insights",
  /** GET: the blob's bytes */
  file: (blob: string): string => `/api/files/${blob.split("/").map(encodeURIComponent).join("/")}`,
} as const;

/** One page of a long listing. */
export interface PageAnswer<Item> {
  readonly items: readonly Item[];
  /** Give it as `after` to get the next page; absent on the last. */
  readonly next?: string;
}

export interface FlowCountsAnswer {
  readonly events: number;
  /** Executions that have not ended, the queued ones included. */
  readonly running: number;
  readonly succeeded: number;
  /** Executions that ended as dead letters. */
  readonly failed: number;
  /** Executions that have not ended among those that the flow's completion caused. */
  readonly trailing: number;
}

interface FlowHead {
  readonly correlationId: string;
  readonly state: "running" | "completed";
  readonly startedAt: string;
  readonly completedAt?: string;
  readonly counts: FlowCountsAnswer;
}

/** A flow in the list of flows. */
export interface FlowSummary extends FlowHead {
  /** The type of the flow's first event. */
  readonly type: string;
}

/** A flow as a tree: events, the executions that handle them, the events that those emit. */
export interface FlowTrace extends FlowHead {
  /** The flow's first event, then each `ion.flow_completed`. */
  readonly roots: readonly EventNode[];
}

export interface EventNode {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly data: JsonObject;
  readonly files: readonly FileNode[];
  readonly executions: readonly ExecutionNode[];
}

export interface FileNode {
  readonly path: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** The blob's path: `managementPaths.file(blob)` answers its bytes. */
  readonly blob: string;
  /** An address at which the file can be read for a limited time; absent once the blob is gone. */
  readonly location?: string;
}

export type ExecutionState = "queued" | "running" | "waiting" | "succeeded" | "dead";

export interface FailureAnswer {
  /** A short code for programs, e.g. `exit-code`. */
  readonly code: string;
  /** A sentence for people. */
  readonly message: string;
}

export interface AttemptNode {
  /** From 1. */
  readonly attempt: number;
  readonly outcome: "succeeded" | "failed" | "interrupted";
  readonly error?: FailureAnswer;
  readonly startedAt: string;
  readonly endedAt: string;
}

export interface ExecutionNode {
  readonly id: string;
  readonly module: string;
  /** Absent while queued. */
  readonly version?: string;
  readonly state: ExecutionState;
  /** The number of the current or last attempt; 0 while queued. */
  readonly attempt: number;
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** While waiting: when the next attempt may begin. */
  readonly notBefore?: string;
  readonly error?: FailureAnswer;
  readonly insight?: JsonObject;
  /** What the module says of itself while it runs; the fraction is 0 to 1. */
  readonly progress?: { readonly fraction: number; readonly message: string };
  /** The attempts that have ended, in order. */
  readonly attempts: readonly AttemptNode[];
  /** The events that the execution emitted. */
  readonly children: readonly EventNode[];
}

/** A message that was set aside. */
export interface DeadLetterSummary {
  readonly eventId: string;
  readonly correlationId: string;
  readonly executionId: string;
  readonly module: string;
  readonly type: string;
  readonly reason: FailureAnswer;
  readonly since: string;
}

export interface DeadLetterDetail extends DeadLetterSummary {
  readonly data: JsonObject;
  readonly files: readonly FileNode[];
  /** The attempts that have ended, in order; each has a log. */
  readonly attempts: readonly AttemptNode[];
}

/** Which dead letters to replay: those that all given fields match; at least one field, or `all`. */
export interface ReplaySelector {
  readonly eventId?: string;
  readonly module?: string;
  readonly type?: string;
  /** The reason's code. */
  readonly code?: string;
  readonly all?: boolean;
}

export interface ReplayAnswer {
  readonly replayed: readonly { readonly eventId: string; readonly module: string }[];
  readonly failed: readonly { readonly eventId: string; readonly module: string; readonly message: string }[];
}

export interface DepthAnswer {
  readonly waiting: number;
  readonly locked: number;
  readonly scheduled: number;
  readonly dead: number;
}

export interface ModuleAnswer {
  readonly name: string;
  readonly version?: string;
  readonly status: "starting" | "ready" | "stopping" | "failed";
  /** Why, where the status needs a word. */
  readonly message: string;
  readonly on: readonly SubscriptionSpec[];
  readonly emits: readonly string[];
  readonly queues: readonly { readonly type: string; readonly depth: DepthAnswer }[];
}

export interface ModulesAnswer {
  readonly modules: readonly ModuleAnswer[];
}

export interface InsightAnswer {
  readonly module: string;
  readonly correlationId: string;
  readonly executionId: string;
  readonly eventId: string;
  readonly insight: JsonObject;
  readonly time: string;
}

/** An error's answer, `application/problem+json`. https://www.rfc-editor.org/rfc/rfc9457 */
export interface ProblemAnswer {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Ion's error code. */
  readonly code: string;
  /** Fields that break a rule, each as a JSON pointer. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}
