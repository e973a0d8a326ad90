import type { Database } from "../../../runtime/adapters/local/store/database.ts";
import { storeEngine } from "../../../runtime/adapters/local/store/engine.ts";
import type { Reply, Request } from "../../../runtime/adapters/local/store/protocol.ts";
import type { Store } from "../../../runtime/adapters/local/store/store.ts";
import { IonError } from "../../../runtime/contract/errors.ts";

export interface EngineStore extends Store {
  /** Runs what was called since as one group, as the thread does once it's free. */
  flush(): void;
}

/** The store's engine without its thread: time is the test's, and so is what makes a group. */
export function engineStore(database: Database, now: () => number = Date.now): EngineStore {
  const pending = new Map<number, (reply: Reply) => void>();
  const engine = storeEngine({
    database,
    now,
    send: (replies) => {
      for (const reply of replies) pending.get(reply.id)?.(reply);
    },
  });
  const requests: Request[] = [];
  let id = 0;
  const flush = () => engine.handle(requests.splice(0));
  return {
    flush,
    broken: new Promise(() => {}),
    close: async () => engine.close(),
    call: (name, input) =>
      new Promise((resolve, reject) => {
        id += 1;
        pending.set(id, (reply) => {
          if ("code" in reply) reject(new IonError(reply.code, reply.message));
          else resolve(reply.value as never);
        });
        requests.push({ id, name, arguments: input } as Request);
      }),
  };
}
