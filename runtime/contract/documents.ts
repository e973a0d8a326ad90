import type { FileReference, IonEvent } from "./event.ts";
import type { JsonObject } from "./json.ts";

/** Where an execution stands. */
export type Phase = "running" | "waiting" | "succeeded" | "dead";

/** Why an attempt, an execution or a message failed, as a closed set. */
export type FailureCode =
  | "exit-code"
  | "signal"
  | "timeout"
  | "start-failed"
  | "invalid-output"
  | "invalid-event"
  | "input-missing"
  | "commit-failed"
  | "interrupted-too-often";

export interface Failure {
  readonly code: FailureCode;
  /** What a person needs to know, in one sentence. */
  readonly message: string;
  /** Whether another attempt would fail the same way. */
  readonly permanent: boolean;
  readonly exitCode?: number;
}

/** After this long without an end, the sweeper looks at what somebody has left half done. */
export const sweepAfterMilliseconds = 60_000;

interface Base {
  readonly id: string;
  /** The partition: the correlation id of the flow. */
  readonly flow: string;
  /** When the sweeper must look at the document, in milliseconds since 1970; absent when never. */
  readonly due?: number;
}

/** Counts of a flow; the sum over `flow` and every `flow:<shard>` is the truth. */
export interface FlowCounts {
  readonly events: number;
  /** Executions that have not ended, those not yet begun included. */
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Executions that have not ended among those that `ion.flow_completed` caused. */
  readonly trailing: number;
  /** How often a replay opened the flow again. */
  readonly reopened: number;
}

export const zeroCounts: FlowCounts = {
  events: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  trailing: 0,
  reopened: 0,
};

export interface FlowDocument extends Base {
  readonly kind: "flow";
  readonly counts: FlowCounts;
}

export interface EventDocument extends Base {
  readonly kind: "event";
  readonly event: IonEvent;
  readonly files: readonly FileReference[];
  /** The execution that emitted it; absent on a flow's first event and on `ion.flow_completed`. */
  readonly executionId?: string;
  /** False until the event is known to be on the bus; only on events that no commit publishes. */
  readonly published?: boolean;
}

export interface ExecutionDocument extends Base {
  readonly kind: "execution";
  readonly module: string;
  readonly version: string;
  readonly eventId: string;
  readonly phase: Phase;
  /** The number of the current or last attempt, from 1. */
  readonly attempt: number;
  /** Attempts that ended through no fault of the module: they don't use up its attempts. */
  readonly interruptions: number;
  /** The attempts that a replay of the dead letter has forgiven. */
  readonly forgiven: number;
  /** Milliseconds since 1970; so are all times of documents. */
  readonly startedAt: number;
  readonly attemptStartedAt: number;
  readonly endedAt?: number;
  /** While waiting: when the next attempt may begin. */
  readonly notBefore?: number;
  readonly error?: Failure;
  /** As on the event it handles. */
  readonly afterflow?: true;
}

/** The single point at which an execution ends: whoever creates it first has decided. */
export interface CommitDocument extends Base {
  readonly kind: "commit";
  readonly outcome: "succeeded" | "dead";
  readonly executionId: string;
  readonly attempt: number;
  /** Ids of the children whose event documents were written in the same batch. */
  readonly children: readonly string[];
  /** How many `stage` documents hold children and files, where one batch could not; both lists are empty here then. */
  readonly stages: number;
  /** How many children in all. */
  readonly childCount: number;
  readonly files: readonly FileReference[];
  readonly published: boolean;
}

/** Children and files of an attempt that are too many for one batch; they count once the manifest names the attempt. */
export interface StageDocument extends Base {
  readonly kind: "stage";
  readonly children: readonly { readonly event: IonEvent; readonly files: readonly FileReference[] }[];
  readonly files: readonly FileReference[];
}

export interface InsightDocument extends Base {
  readonly kind: "insight";
  readonly module: string;
  readonly executionId: string;
  readonly eventId: string;
  readonly insight: JsonObject;
  readonly time: number;
}

export interface LogDocument extends Base {
  readonly kind: "log";
  readonly executionId: string;
  readonly attempt: number;
  /** How the attempt ended. */
  readonly outcome: "succeeded" | "failed" | "interrupted";
  readonly error?: Failure;
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface CompletedDocument extends Base {
  readonly kind: "completed";
  readonly counts: FlowCounts;
  readonly completedAt: number;
}

/** Every document of a flow. */
export type Document =
  | FlowDocument
  | EventDocument
  | ExecutionDocument
  | CommitDocument
  | StageDocument
  | InsightDocument
  | LogDocument
  | CompletedDocument;

export type DocumentKind = Document["kind"];
export type DocumentOf<Kind extends DocumentKind> = Extract<Document, { kind: Kind }>;

/** The ids of documents inside their flow's partition. */
export const documentId = {
  /** Shard 0 is the plain `flow`. */
  flow: (shard = 0): string => (shard === 0 ? "flow" : `flow:${shard}`),
  event: (eventId: string): string => `event:${eventId}`,
  execution: (executionId: string): string => `execution:${executionId}`,
  commit: (executionId: string): string => `commit:${executionId}`,
  stage: (executionId: string, attempt: number, chunk: number): string =>
    `stage:${executionId}:${attempt}:${chunk}`,
  insight: (executionId: string): string => `insight:${executionId}`,
  log: (executionId: string, attempt: number): string => `log:${executionId}:${attempt}`,
  completed: (reopened: number): string => `completed:${reopened}`,
} as const;

/** The shard of a flow's counts that an execution writes to. */
export function counterShard(executionId: string, shards: number): number {
  return shards <= 1 ? 0 : Number.parseInt(executionId.slice(0, 8), 16) % shards;
}
