import type { PipelineSpec } from "../contract/check.ts";
import { IonError } from "../contract/errors.ts";
import { derivedIds } from "../contract/ids.ts";
import { listTopics } from "../contract/routing.ts";
import type { Bus, DeadLetter, SubscriptionName } from "../ports/bus.ts";
import type { Page, PageRequest } from "../ports/page.ts";
import type { DeadLetterSummary, ReplayAnswer, ReplaySelector } from "./api.ts";
import { toIso } from "./trace.ts";

type Filter = Omit<ReplaySelector, "all">;

/** Where a listing over several subscriptions goes on. */
interface Cursor {
  readonly subscription: SubscriptionName;
  readonly after?: string;
}

/** The subscriptions of a pipeline that a filter leaves, in a fixed order. */
export function listSubscriptionNames(
  pipeline: PipelineSpec,
  filter: Pick<Filter, "module" | "type"> = {},
): SubscriptionName[] {
  return listTopics(pipeline)
    .flatMap(({ type, subscriptions }) => subscriptions.map(({ module }) => ({ topic: type, module })))
    .filter(({ topic }) => filter.type === undefined || topic === filter.type)
    .filter(({ module }) => filter.module === undefined || module === filter.module);
}

const isSame = (a: SubscriptionName, b: SubscriptionName): boolean =>
  a.topic === b.topic && a.module === b.module;

const encodeCursor = ({ subscription: { topic, module }, after }: Cursor): string =>
  Buffer.from(JSON.stringify([topic, module, after ?? null])).toString("base64url");

function decodeCursor(text: string): Cursor {
  try {
    const [topic, module, after]: unknown[] = JSON.parse(Buffer.from(text, "base64url").toString());
    if (typeof topic === "string" && typeof module === "string") {
      return { subscription: { topic, module }, ...(typeof after === "string" && { after }) };
    }
  } catch {
    // What can't be read is no cursor: the same error as for one that reads as something else.
  }
  throw new IonError("invalid", "query parameter 'after' must be the 'next' of the page before");
}

const matchesFilter = ({ event, reason }: DeadLetter, { eventId, code }: Filter): boolean =>
  (eventId === undefined || event.id === eventId) && (code === undefined || reason.code === code);

/** A page of dead letters over all subscriptions that a filter leaves; it may be shorter than asked though more follow. */
export async function listDeadLetters(
  bus: Bus,
  pipeline: PipelineSpec,
  filter: Filter,
  { size = 100, after }: PageRequest,
): Promise<Page<DeadLetter>> {
  const names = listSubscriptionNames(pipeline, filter);
  let cursor = after === undefined ? undefined : decodeCursor(after);
  const start =
    cursor === undefined ? 0 : names.findIndex((name) => cursor && isSame(name, cursor.subscription));
  if (start < 0) throw new IonError("invalid", "query parameter 'after' comes from another listing");
  const items: DeadLetter[] = [];
  for (const subscription of names.slice(start)) {
    do {
      if (items.length >= size) return { items, next: encodeCursor(cursor ?? { subscription }) };
      const request = {
        size: size - items.length,
        ...(cursor?.after !== undefined && { after: cursor.after }),
      };
      const page = await bus.deadLetters(subscription).list(request);
      items.push(...page.items.filter((letter) => matchesFilter(letter, filter)));
      cursor = page.next === undefined ? undefined : { subscription, after: page.next };
    } while (cursor !== undefined);
  }
  return { items };
}

/** Every dead letter of one event. */
export async function findDeadLetters(
  bus: Bus,
  pipeline: PipelineSpec,
  eventId: string,
  filter: Filter = {},
): Promise<DeadLetter[]> {
  const names = listSubscriptionNames(pipeline, filter);
  const found = await Promise.all(names.map((name) => bus.deadLetters(name).find(eventId)));
  return found.filter((letter) => letter !== undefined).filter((letter) => matchesFilter(letter, filter));
}

/** @throws IonError `not-found`; `invalid` when several modules set the event aside and none is named */
export async function getDeadLetter(
  bus: Bus,
  pipeline: PipelineSpec,
  eventId: string,
  module?: string,
): Promise<DeadLetter> {
  const found = await findDeadLetters(bus, pipeline, eventId, module === undefined ? {} : { module });
  const [first] = found;
  if (first === undefined) {
    const of = module === undefined ? "" : ` of module '${module.slice(0, 100)}'`;
    throw new IonError("not-found", `there is no dead letter '${eventId}'${of}`);
  }
  if (found.length === 1) return first;
  const modules = found.map(({ subscription }) => subscription.module).join(", ");
  throw new IonError(
    "invalid",
    `event '${eventId}' is a dead letter of several modules: name one of ${modules}`,
  );
}

export function toDeadLetterSummary({ event, subscription, reason, since }: DeadLetter): DeadLetterSummary {
  return {
    eventId: event.id,
    correlationId: event.correlationid,
    executionId: derivedIds.execution(subscription.module, event.id),
    module: subscription.module,
    type: event.type,
    reason: { code: reason.code, message: reason.description },
    since: toIso(since),
  };
}

/** Who they are, before the first is replayed: one that fails again meanwhile is not replayed for ever. */
async function selectLetters(bus: Bus, pipeline: PipelineSpec, filter: Filter) {
  if (filter.eventId !== undefined) {
    const letters = await findDeadLetters(bus, pipeline, filter.eventId, filter);
    return letters.map(({ event, subscription }) => ({ eventId: event.id, subscription }));
  }
  const keys: { eventId: string; subscription: SubscriptionName }[] = [];
  let after: string | undefined;
  do {
    const page = await listDeadLetters(bus, pipeline, filter, {
      size: 500,
      ...(after !== undefined && { after }),
    });
    for (const { event, subscription } of page.items) keys.push({ eventId: event.id, subscription });
    after = page.next;
  } while (after !== undefined);
  return keys;
}

/**
 * Replays the dead letters that a selector names, one after the other; one that can't be replayed
 * stays where it is and stops no other.
 *
 * @throws IonError `not-found` when an event is named that is no dead letter
 */
export async function replayDeadLetters(
  bus: Bus,
  pipeline: PipelineSpec,
  { all: _all, ...filter }: ReplaySelector,
  replay: (letter: DeadLetter) => Promise<void>,
): Promise<ReplayAnswer> {
  const keys = await selectLetters(bus, pipeline, filter);
  if (keys.length === 0 && filter.eventId !== undefined) {
    throw new IonError("not-found", `there is no dead letter '${filter.eventId}' that is selected`);
  }
  const replayed: { eventId: string; module: string }[] = [];
  const failed: { eventId: string; module: string; message: string }[] = [];
  for (const { eventId, subscription } of keys) {
    const { module } = subscription;
    try {
      const letter = await bus.deadLetters(subscription).find(eventId);
      // Somebody else has replayed it since.
      if (letter === undefined) continue;
      await replay(letter);
      replayed.push({ eventId, module });
    } catch (thrown) {
      failed.push({ eventId, module, message: IonError.from(thrown).message });
    }
  }
  return { replayed, failed };
}
