import type { DocumentKind, FlowCounts } from "../../../contract/documents.ts";
import type { ErrorCode } from "../../../contract/errors.ts";
import type { Filter } from "../../../contract/event.ts";
import type { Topic } from "../../../contract/routing.ts";
import type { DeadLetterReason } from "../../../ports/bus.ts";

/** A document as a row: the body is JSON text, so that it crosses the threads as one string. */
export interface DocumentRow {
  readonly id: string;
  readonly kind: DocumentKind;
  readonly body: string;
  readonly due: number | null;
  /** Set on insights and executions. */
  readonly module: string | null;
  readonly time: number | null;
}

export interface StoredRow {
  readonly body: string;
  readonly etag: string;
}

export type RowOperation =
  | { readonly kind: "create" | "put"; readonly row: DocumentRow }
  | { readonly kind: "replace"; readonly row: DocumentRow; readonly etag: string }
  | { readonly kind: "remove"; readonly id: string; readonly etag: string }
  | {
      readonly kind: "count";
      readonly id: string;
      readonly add: Partial<FlowCounts>;
      readonly due: number | null;
    };

/** An event with the queues it goes to. */
export interface OutgoingMessage {
  readonly topic: number;
  readonly event: string;
  readonly body: string;
  readonly queues: readonly number[];
}

export interface IncomingMessage {
  readonly sequence: number;
  readonly body: string;
  readonly redeliveries: number;
}

export interface DeadRow extends IncomingMessage {
  readonly code: string;
  readonly description: string;
  readonly since: number;
}

export interface PageRows {
  readonly rows: readonly StoredRow[];
  readonly next?: string;
}

/** Commands that change the file: all that wait are one transaction, so they share one fsync. */
export interface WriteCommands {
  ensure: { arguments: { topics: readonly Topic[] }; reply: TopicIds[] };
  publish: { arguments: { messages: readonly OutgoingMessage[] }; reply: null };
  batch: {
    arguments: { flow: string; operations: readonly RowOperation[]; messages: readonly OutgoingMessage[] };
    reply: null;
  };
  complete: { arguments: { queue: number; sequence: number }; reply: null };
  retry: { arguments: { queue: number; sequence: number; notBefore: number }; reply: null };
  kill: { arguments: { queue: number; sequence: number; reason: DeadLetterReason }; reply: null };
  resubmit: { arguments: { queue: number; event: string }; reply: boolean };
  removeFlow: { arguments: { flow: string }; reply: null };
}

/** Commands that only read; they see every write that came before them. */
export interface ReadCommands {
  find: { arguments: { flow: string; id: string }; reply: StoredRow | null };
  query: {
    arguments: { flow: string; kind: DocumentKind; size: number; after: string | null };
    reply: PageRows;
  };
  insights: {
    arguments: { module: string; since: number; size: number; after: string | null };
    reply: PageRows;
  };
  due: { arguments: { now: number; limit: number }; reply: readonly StoredRow[] };
  flows: {
    arguments: { size: number; after: string | null };
    reply: { items: readonly string[]; next?: string };
  };
  locate: { arguments: { id: string }; reply: string | null };
  depth: {
    arguments: { queue: number };
    reply: { waiting: number; locked: number; scheduled: number; dead: number };
  };
  dead: { arguments: { queue: number; size: number; after: number }; reply: readonly DeadRow[] };
  findDead: { arguments: { queue: number; event: string }; reply: DeadRow | null };
}

/** Answered once there is something to hand out. */
export interface ReceiveCommands {
  receive: {
    arguments: { queue: number; most: number; receiver: number };
    reply: readonly IncomingMessage[];
  };
}

/** Never waits: a receiver that stops gets an empty answer, one that lost interest hands back. */
export interface ControlCommands {
  cancel: { arguments: { receiver: number }; reply: null };
  release: { arguments: { queue: number; sequences: readonly number[] }; reply: null };
  close: { arguments: Record<string, never>; reply: null };
}

export type Commands = WriteCommands & ReadCommands & ReceiveCommands & ControlCommands;
export type CommandName = keyof Commands;

/** A topic with every queue it has ever got, those that aren't declared any more included. */
export interface TopicIds {
  readonly type: string;
  readonly topic: number;
  readonly queues: readonly {
    readonly module: string;
    readonly queue: number;
    readonly filters: readonly Filter[];
  }[];
}

/** One command on its way to the thread. */
export type Request = {
  [Name in CommandName]: {
    readonly id: number;
    readonly name: Name;
    readonly arguments: Commands[Name]["arguments"];
  };
}[CommandName];

/** One answer on its way back. */
export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly code: ErrorCode; readonly message: string };
