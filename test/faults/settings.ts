/** What a platform process of the fault tests is told, as JSON in its only argument. */
export interface FaultSettings {
  readonly folder: string;
  /** Whether commit and children are one transaction, as `ion local` does it, or the cloud's protocol. */
  readonly publishInCommit: boolean;
  /** Batches of at most so many operations, so that a small fan-out is staged. @default the store's own */
  readonly operations?: number;
  /** The protecting line that is taken out. @default none */
  readonly without?: "create-only" | "derived-ids" | "relay";
  /** Widens every window: each call to a data port takes up to so long. @default 0 */
  readonly latencyMilliseconds?: number;
  /** Share of the attempts that are said to be lost while they go on and commit. @default 0 */
  readonly falseLosses?: number;
  /** Share of the batches after which the process kills itself: the instant that a relay is there for. @default 0 */
  readonly deathsAfterBatch?: number;
  /** A platform that has written more is not waited for any longer: it goes round in circles. @default no bound */
  readonly mostWrites?: number;
  /** Ends the process with SIGKILL at one write. @default never */
  readonly failpoint?: { readonly write: number; readonly when: "before" | "after" };
}

/** To the process. */
export type FaultRequest =
  | { readonly kind: "submit"; readonly key: string }
  /** Answered once nothing waits and nothing runs. */
  | { readonly kind: "drain" }
  /** Answered with what the documents say. */
  | { readonly kind: "audit" }
  | { readonly kind: "stop" };

/** From the process. */
export type FaultAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "accepted"; readonly key: string; readonly flow: string }
  | { readonly kind: "refused"; readonly key: string; readonly message: string }
  | { readonly kind: "drained"; readonly writes: number }
  | { readonly kind: "audited"; readonly audit: FlowAudit[]; readonly dead: number };

/** What one flow came to. */
export interface FlowAudit {
  readonly flow: string;
  readonly counts: Record<string, number>;
  /** Event type -> how many documents. */
  readonly events: Record<string, number>;
  /** Module -> how many executions succeeded, and how many died. */
  readonly succeeded: Record<string, number>;
  readonly dead: Record<string, number>;
  /** What the dead ones died of. */
  readonly errors: string[];
  readonly unfinished: number;
  readonly insights: number;
  readonly commits: number;
  readonly completed: number;
  /** Files that events name and whose bytes are right. */
  readonly goodFiles: number;
  readonly badFiles: number;
}
