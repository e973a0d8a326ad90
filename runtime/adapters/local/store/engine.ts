import { maxTimerMilliseconds } from "../../../contract/clock.ts";
import { IonError } from "../../../contract/errors.ts";
import type { Database } from "./database.ts";
import { documentTable } from "./document-table.ts";
import type { CommandName, ReadCommands, Reply, Request, WriteCommands } from "./protocol.ts";
import { queueTable } from "./queue-table.ts";

/** What a write answers, and what becomes true in memory once the transaction is on the disk. */
interface Written {
  readonly value: unknown;
  readonly afterCommit?: () => void;
}

type Writers = { [Name in keyof WriteCommands]: (input: WriteCommands[Name]["arguments"]) => Written };
type Readers = {
  [Name in keyof ReadCommands]: (input: ReadCommands[Name]["arguments"]) => ReadCommands[Name]["reply"];
};

interface Receiver {
  readonly id: number;
  readonly queue: number;
  readonly most: number;
  readonly receiver: number;
}

export interface EngineOptions {
  readonly database: Database;
  readonly now: () => number;
  readonly send: (replies: readonly Reply[]) => void;
}

/**
 * The one queue and document engine. `handle` runs all waiting commands: the writes as one
 * transaction with one fsync, answered only once they are on the disk.
 */
export function storeEngine({ database, now, send }: EngineOptions) {
  const documents = documentTable(database);
  const queues = queueTable(database, now);
  let receivers: Receiver[] = [];
  const replies: Reply[] = [];
  let timer: NodeJS.Timeout | undefined;

  const writers: Writers = {
    ensure: ({ topics }) => ({ value: queues.ensure(topics) }),
    publish: ({ messages }) => {
      queues.publish(messages);
      return { value: null };
    },
    batch: ({ flow, operations, messages }) => {
      documents.batch(flow, operations);
      queues.publish(messages);
      return { value: null };
    },
    complete: ({ queue, sequence }) => {
      if (!queues.isLocked(queue, sequence)) return { value: null };
      queues.complete(sequence);
      return { value: null, afterCommit: () => queues.unlock(queue, sequence) };
    },
    retry: ({ queue, sequence, notBefore }) => {
      if (!queues.isLocked(queue, sequence)) return { value: null };
      queues.schedule(sequence, notBefore);
      return { value: null, afterCommit: () => queues.handBack(queue, sequence, notBefore) };
    },
    kill: ({ queue, sequence, reason }) => {
      if (!queues.isLocked(queue, sequence)) return { value: null };
      queues.kill(sequence, reason);
      return { value: null, afterCommit: () => queues.unlock(queue, sequence) };
    },
    resubmit: ({ queue, event }) => {
      const sequence = queues.resurrect(queue, event);
      if (sequence === undefined) return { value: false };
      return { value: true, afterCommit: () => queues.handBack(queue, sequence, 0) };
    },
    removeFlow: ({ flow }) => {
      documents.removeFlow(flow);
      return { value: null };
    },
  };

  const readers: Readers = {
    find: (input) => documents.find(input),
    query: (input) => documents.query(input),
    insights: (input) => documents.insights(input),
    due: (input) => documents.due(input),
    flows: (input) => documents.flows(input),
    locate: (input) => documents.locate(input),
    depth: (input) => queues.depth(input),
    dead: (input) => queues.dead(input),
    findDead: (input) => queues.findDead(input),
  };

  const isWrite = (name: CommandName): name is keyof WriteCommands => name in writers;

  function fail(id: number, thrown: unknown): void {
    const { code, message } = IonError.from(thrown);
    replies.push({ id, code, message });
  }

  /** An `IonError` comes before the first write of its command, so the others' writes stand. */
  function writeOne(request: Request, written: { id: number; result: Written }[]): void {
    try {
      const write = writers[request.name as keyof WriteCommands] as (input: unknown) => Written;
      written.push({ id: request.id, result: write(request.arguments) });
    } catch (thrown) {
      if (!(thrown instanceof IonError)) throw thrown;
      fail(request.id, thrown);
    }
  }

  function writeAll(requests: readonly Request[]): void {
    if (requests.length === 0) return;
    const written: { id: number; result: Written }[] = [];
    const repliesBefore = replies.length;
    try {
      database.run("BEGIN IMMEDIATE");
      for (const request of requests) writeOne(request, written);
      database.run("COMMIT");
    } catch (thrown) {
      database.rollback();
      replies.length = repliesBefore;
      const cause = thrown instanceof Error ? thrown.message : String(thrown);
      const error = new IonError(
        "unavailable",
        `cannot write to the data folder: ${cause}; free some space or check the disk`,
      );
      for (const { id } of requests) fail(id, error);
      return;
    }
    for (const { id, result } of written) {
      result.afterCommit?.();
      replies.push({ id, value: result.value });
    }
  }

  function readOne({ id, name, arguments: input }: Request): void {
    try {
      const read = readers[name as keyof ReadCommands] as (input: unknown) => unknown;
      replies.push({ id, value: read(input) });
    } catch (thrown) {
      fail(id, thrown);
    }
  }

  function cancel(receiver: number): void {
    for (const parked of receivers)
      if (parked.receiver === receiver) replies.push({ id: parked.id, value: [] });
    receivers = receivers.filter((parked) => parked.receiver !== receiver);
  }

  function control(request: Request): void {
    switch (request.name) {
      case "receive":
        receivers.push({ id: request.id, ...request.arguments });
        return;
      case "cancel":
        cancel(request.arguments.receiver);
        break;
      case "release":
        for (const sequence of request.arguments.sequences)
          queues.handBack(request.arguments.queue, sequence, 0);
        break;
      default:
    }
    replies.push({ id: request.id, value: null });
  }

  function serveReceivers(): void {
    receivers = receivers.filter(({ id, queue, most }) => {
      const messages = queues.take(queue, most);
      if (messages.length === 0) return true;
      replies.push({ id, value: messages });
      return false;
    });
  }

  function setTimer(): void {
    clearTimeout(timer);
    const times = receivers
      .map(({ queue }) => queues.nextScheduled(queue))
      .filter((time) => time !== undefined);
    if (times.length === 0) return;
    const wait = Math.max(0, Math.min(...times) - now());
    // Where the wait is longer, the timer is set again when it has fired.
    timer = setTimeout(() => handle([]), Math.min(wait, maxTimerMilliseconds));
  }

  function handle(requests: readonly Request[]): void {
    writeAll(requests.filter(({ name }) => isWrite(name)));
    for (const request of requests) {
      if (isWrite(request.name)) continue;
      if (request.name in readers) readOne(request);
      else control(request);
    }
    serveReceivers();
    setTimer();
    if (replies.length > 0) send(replies.splice(0));
  }

  return {
    handle,
    forgetOldIds: () => queues.forgetOldIds(),
    close: () => {
      clearTimeout(timer);
      database.close();
    },
  };
}
