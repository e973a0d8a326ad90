import type { Filter } from "../../../contract/event.ts";
import type { Topic } from "../../../contract/routing.ts";
import type { DeadLetterReason } from "../../../ports/bus.ts";
import type { Database } from "./database.ts";
import type { DeadRow, IncomingMessage, OutgoingMessage, ReadCommands, TopicIds } from "./protocol.ts";

interface MessageRow {
  readonly seq: number;
  readonly body: string;
  readonly not_before: number;
  readonly redeliveries: number;
}

/** What is known of one queue beside its rows: how far it was handed out, and what came back since. */
interface QueueState {
  /** Every message up to this one was handed out, waits in `scheduled`, or is settled. */
  cursor: number;
  readonly locked: Set<number>;
  /** Sequence -> when it may be handed out; in order of arrival, which for equal times is the order kept. */
  readonly scheduled: Map<number, number>;
}

/** How long a topic remembers ids, in days: a day that has begun counts, so it's at least one full day. */
const historyDays = 2;
const millisecondsPerDay = 86_400_000;

const toIncoming = ({ seq, body, redeliveries }: MessageRow): IncomingMessage => ({
  sequence: seq,
  body,
  redeliveries,
});

/** The bus's half of the file. */
export function queueTable(database: Database, now: () => number) {
  const states = new Map<number, QueueState>();
  const stateOf = (queue: number): QueueState => {
    const known = states.get(queue);
    if (known !== undefined) return known;
    const state: QueueState = { cursor: 0, locked: new Set(), scheduled: new Map() };
    states.set(queue, state);
    return state;
  };

  function ensureQueue(topic: number, module: string, filters: string): void {
    database.run(
      `INSERT INTO queue (topic, module, filters) VALUES (?, ?, ?)
       ON CONFLICT (topic, module) DO UPDATE SET filters = excluded.filters`,
      topic,
      module,
      filters,
    );
  }

  function listQueues(topic: number): TopicIds["queues"] {
    return database
      .all<{ queue: number; module: string; filters: string }>(
        "SELECT id AS queue, module, filters FROM queue WHERE topic = ? ORDER BY id",
        topic,
      )
      .map((row) => ({ ...row, filters: JSON.parse(row.filters) as readonly Filter[] }));
  }

  function isNew(day: number, topic: number, event: string): boolean {
    const yesterday = database.get(
      "SELECT 1 FROM seen WHERE day = ? AND topic = ? AND event = ?",
      day - 1,
      topic,
      event,
    );
    if (yesterday !== undefined) return false;
    return (
      database.changes(
        "INSERT OR IGNORE INTO seen (day, topic, event) VALUES (?, ?, ?)",
        day,
        topic,
        event,
      ) === 1
    );
  }

  function takeScheduled(state: QueueState, most: number): IncomingMessage[] {
    const time = now();
    const messages: IncomingMessage[] = [];
    for (const [sequence, notBefore] of state.scheduled) {
      if (messages.length >= most) break;
      if (notBefore > time) continue;
      state.scheduled.delete(sequence);
      const row = database.get<MessageRow>(
        "SELECT seq, body, not_before, redeliveries FROM message WHERE seq = ? AND dead_since IS NULL",
        sequence,
      );
      if (row !== undefined) messages.push(toIncoming(row));
    }
    return messages;
  }

  function takeFresh(queue: number, state: QueueState, most: number): IncomingMessage[] {
    const time = now();
    const messages: IncomingMessage[] = [];
    while (messages.length < most) {
      const wanted = most - messages.length;
      const rows = database.all<MessageRow>(
        `SELECT seq, body, not_before, redeliveries FROM message
         WHERE queue = ? AND seq > ? AND dead_since IS NULL ORDER BY seq LIMIT ?`,
        queue,
        state.cursor,
        wanted,
      );
      for (const row of rows) {
        state.cursor = row.seq;
        if (row.not_before > time) state.scheduled.set(row.seq, row.not_before);
        else messages.push(toIncoming(row));
      }
      if (rows.length < wanted) break;
    }
    return messages;
  }

  const toDead = (row: MessageRow & { code: string; description: string; since: number }): DeadRow => ({
    ...toIncoming(row),
    code: row.code,
    description: row.description,
    since: row.since,
  });
  const deadColumns =
    "seq, body, not_before, redeliveries, dead_code AS code, dead_description AS description, dead_since AS since";

  return {
    ensure(topics: readonly Topic[]): TopicIds[] {
      return topics.map(({ type, subscriptions }) => {
        database.run("INSERT OR IGNORE INTO topic (type) VALUES (?)", type);
        const topic = database.get<{ id: number }>("SELECT id FROM topic WHERE type = ?", type)?.id ?? 0;
        for (const { module, filters } of subscriptions) ensureQueue(topic, module, JSON.stringify(filters));
        return { type, topic, queues: listQueues(topic) };
      });
    },

    /** @returns the queues that have got something */
    publish(messages: readonly OutgoingMessage[]): Set<number> {
      const day = Math.floor(now() / millisecondsPerDay);
      const touched = new Set<number>();
      for (const { topic, event, body, queues } of messages) {
        if (!isNew(day, topic, event)) continue;
        for (const queue of queues) {
          database.run("INSERT INTO message (queue, event, body) VALUES (?, ?, ?)", queue, event, body);
          touched.add(queue);
        }
      }
      return touched;
    },

    forgetOldIds(): void {
      database.run("DELETE FROM seen WHERE day <= ?", Math.floor(now() / millisecondsPerDay) - historyDays);
    },

    /** Hands out up to `most` messages and remembers that they are held. */
    take(queue: number, most: number): IncomingMessage[] {
      const state = stateOf(queue);
      const back = takeScheduled(state, most);
      const messages = back.length < most ? [...back, ...takeFresh(queue, state, most - back.length)] : back;
      for (const { sequence } of messages) state.locked.add(sequence);
      return messages;
    },

    /** When the next scheduled message of a queue may be handed out; undefined when there is none. */
    nextScheduled(queue: number): number | undefined {
      const times = [...stateOf(queue).scheduled.values()];
      return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
    },

    isLocked: (queue: number, sequence: number): boolean => stateOf(queue).locked.has(sequence),

    complete(sequence: number): void {
      database.run("DELETE FROM message WHERE seq = ?", sequence);
    },
    schedule(sequence: number, notBefore: number): void {
      database.run(
        "UPDATE message SET not_before = ?, redeliveries = redeliveries + 1 WHERE seq = ?",
        notBefore,
        sequence,
      );
    },
    kill(sequence: number, { code, description }: DeadLetterReason): void {
      database.run(
        "UPDATE message SET dead_since = ?, dead_code = ?, dead_description = ? WHERE seq = ?",
        now(),
        code,
        description,
        sequence,
      );
    },
    /** @returns the sequence of the message, undefined when there is no such dead letter */
    resurrect(queue: number, event: string): number | undefined {
      const row = database.get<{ seq: number }>(
        "SELECT seq FROM message WHERE queue = ? AND event = ? AND dead_since IS NOT NULL",
        queue,
        event,
      );
      if (row === undefined) return undefined;
      database.run("UPDATE message SET dead_since = NULL, not_before = 0 WHERE seq = ?", row.seq);
      return row.seq;
    },

    /** The message is nobody's any more. */
    unlock(queue: number, sequence: number): void {
      stateOf(queue).locked.delete(sequence);
    },
    /** The message is nobody's any more and may be handed out from a time on. */
    handBack(queue: number, sequence: number, notBefore: number): void {
      const state = stateOf(queue);
      state.locked.delete(sequence);
      if (sequence <= state.cursor) state.scheduled.set(sequence, notBefore);
    },

    depth({ queue }: ReadCommands["depth"]["arguments"]): ReadCommands["depth"]["reply"] {
      const { locked } = stateOf(queue);
      const row = database.get<{ live: number; scheduled: number; dead: number }>(
        `SELECT count(*) FILTER (WHERE dead_since IS NULL) AS live,
           count(*) FILTER (WHERE dead_since IS NULL AND not_before > ?) AS scheduled,
           count(dead_since) AS dead FROM message WHERE queue = ?`,
        now(),
        queue,
      );
      const { live = 0, scheduled = 0, dead = 0 } = row ?? {};
      return { waiting: live - scheduled - locked.size, locked: locked.size, scheduled, dead };
    },
    dead({ queue, size, after }: ReadCommands["dead"]["arguments"]): DeadRow[] {
      return database
        .all<MessageRow & { code: string; description: string; since: number }>(
          `SELECT ${deadColumns} FROM message WHERE queue = ? AND seq > ? AND dead_since IS NOT NULL ORDER BY seq LIMIT ?`,
          queue,
          after,
          size + 1,
        )
        .map(toDead);
    },
    findDead({ queue, event }: ReadCommands["findDead"]["arguments"]): DeadRow | null {
      const row = database.get<MessageRow & { code: string; description: string; since: number }>(
        `SELECT ${deadColumns} FROM message WHERE queue = ? AND event = ? AND dead_since IS NOT NULL`,
        queue,
        event,
      );
      return row === undefined ? null : toDead(row);
    },
  };
}

export type QueueTable = ReturnType<typeof queueTable>;
