import type { Duration } from "../contract/duration.ts";
import type { IonEvent } from "../contract/event.ts";
import type { Topic } from "../contract/routing.ts";
import type { Page, PageRequest } from "./page.ts";

/** Names the queue of one module on one topic. */
export interface SubscriptionName {
  readonly topic: string;
  readonly module: string;
}

/** Why a message is a dead letter. */
export interface DeadLetterReason {
  /** A short code for programs, e.g. `exit-code`. */
  readonly code: string;
  /** A sentence for people. */
  readonly description: string;
}

/** A message that one consumer holds until it settles it or loses the lock. */
export interface Delivery {
  readonly event: IonEvent;
  /** How often the message has been delivered before; for people only, nothing is decided by it. */
  readonly redeliveries: number;
  /** MUST be durable when it resolves; a second call MUST NOT fail. */
  complete(): Promise<void>;
  /** Hands the message back, to be delivered no sooner than after the delay. MUST be one durable step or a scheduled copy before the completion. */
  retry(after: Duration, reason: string): Promise<void>;
  /** Sets the message aside. MUST keep it readable under `deadLetters`. */
  deadLetter(reason: DeadLetterReason): Promise<void>;
  /** Aborts when the lock can't be renewed: the message may be delivered to somebody else. */
  readonly lost: AbortSignal;
}

export interface DeadLetter {
  readonly event: IonEvent;
  readonly subscription: SubscriptionName;
  readonly reason: DeadLetterReason;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** The messages of one subscription that were set aside. */
export interface DeadLetters {
  /** Oldest first. Reading MUST NOT change anything. */
  list(page?: PageRequest): Promise<Page<DeadLetter>>;
  find(eventId: string): Promise<DeadLetter | undefined>;
  /**
   * Makes the message deliverable again. A crash in between MUST leave it in one of both places at least.
   *
   * @throws IonError `not-found` when there is no such dead letter
   */
  resubmit(eventId: string): Promise<void>;
}

/** Messages of one subscription, by state. */
export interface Depth {
  readonly waiting: number;
  readonly locked: number;
  readonly scheduled: number;
  readonly dead: number;
}

export interface ConsumeOptions {
  /** How many more deliveries the consumer can take now; asked before each fetch. */
  readonly credit: () => number;
  /** Ends the iteration; deliveries not yet settled stay the consumer's to settle. */
  readonly signal: AbortSignal;
}

/** Moves events from those who raise them to the modules that subscribe. */
export interface Bus {
  /** Makes topics and subscriptions. MUST be safe to repeat and MUST remove nothing. */
  ensure(topics: readonly Topic[]): Promise<void>;
  /**
   * MUST be durable when it resolves. An event whose id its topic has seen within the history of
   * duplicates MUST NOT be delivered again. All or, after a failure, any part of the events may be
   * on the bus: call it again.
   *
   * @throws IonError `not-found` when a topic doesn't exist; nothing is published then
   * @throws IonError `limit` when an event is larger than a message may be; nothing is published then
   */
  publish(events: readonly IonEvent[]): Promise<void>;
  /** Delivers at least once, to one consumer at a time. MUST keep locks alive until a delivery is settled. MUST NOT hold more than `credit` allows. */
  consume(subscription: SubscriptionName, options: ConsumeOptions): AsyncIterable<Delivery>;
  deadLetters(subscription: SubscriptionName): DeadLetters;
  /** @throws IonError `not-found` */
  depth(subscription: SubscriptionName): Promise<Depth>;
}
