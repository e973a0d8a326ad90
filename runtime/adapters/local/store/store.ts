import { Worker } from "node:worker_threads";
import { IonError, isErrorCode } from "../../../contract/errors.ts";
import type { CommandName, Commands, Reply, Request } from "./protocol.ts";

/** The file that holds bus and documents, worked on by a thread of its own so that no fsync holds up the program. */
export interface Store {
  /** Resolves once a write is on the disk. @throws IonError as the command says; `unavailable` once the store has failed or was closed */
  call<Name extends CommandName>(
    name: Name,
    input: Commands[Name]["arguments"],
  ): Promise<Commands[Name]["reply"]>;
  /** Rejects when the thread fails; never resolves. */
  readonly broken: Promise<never>;
  /** Ends after all that was called before is on the disk. Safe to repeat. */
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: IonError) => void;
}

function settle(pending: Map<number, Pending>, reply: Reply): void {
  const waiting = pending.get(reply.id);
  pending.delete(reply.id);
  if (waiting === undefined) return;
  if ("code" in reply) waiting.reject(new IonError(reply.code, reply.message));
  else waiting.resolve(reply.value as never);
}

function startThread(file: string): Worker {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new Worker(new URL(`./worker.${extension}`, import.meta.url), { workerData: { file } });
}

function readError(thrown: unknown): IonError {
  if (!(thrown instanceof Error)) return new IonError("unavailable", String(thrown));
  // An error loses its class between threads but keeps its fields.
  const code = "code" in thrown && isErrorCode(thrown.code) ? thrown.code : "unavailable";
  return new IonError(code, thrown.message, { cause: thrown });
}

/**
 * Opens the store.
 *
 * @throws IonError `conflict` when another process has the file
 */
export async function openStore(file: string): Promise<Store> {
  const worker = startThread(file);
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", (thrown) => reject(readError(thrown)));
  });
  const pending = new Map<number, Pending>();
  let outgoing: Request[] = [];
  let nextId = 1;
  let failure: IonError | undefined;
  let closing: Promise<void> | undefined;

  const { promise: broken, reject: breakDown } = Promise.withResolvers<never>();
  // Who doesn't wait for it learns of the failure at the next call.
  broken.catch(() => {});

  const fail = (error: IonError) => {
    failure ??= error;
    for (const { reject } of pending.values()) reject(failure);
    pending.clear();
  };
  worker.on("message", (replies: readonly Reply[]) => {
    for (const reply of replies) settle(pending, reply);
  });
  worker.on("error", (thrown) => {
    fail(readError(thrown));
    breakDown(readError(thrown));
  });
  worker.on("exit", () => fail(new IonError("unavailable", "the store is closed")));

  const post = () => {
    worker.postMessage(outgoing);
    outgoing = [];
  };

  function call<Name extends CommandName>(
    name: Name,
    input: Commands[Name]["arguments"],
  ): Promise<Commands[Name]["reply"]> {
    if (failure !== undefined) return Promise.reject(failure);
    return new Promise((resolve, reject) => {
      if (outgoing.length === 0) queueMicrotask(post);
      pending.set(nextId, { resolve, reject });
      outgoing.push({ id: nextId, name, arguments: input } as Request);
      nextId += 1;
    });
  }

  async function close(): Promise<void> {
    if (failure !== undefined) return;
    const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    await call("close", {});
    await ended;
  }

  return { call, broken, close: () => (closing ??= close()) };
}
