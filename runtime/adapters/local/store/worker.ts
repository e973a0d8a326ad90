import { parentPort, workerData } from "node:worker_threads";
import { openDatabase } from "./database.ts";
import { storeEngine } from "./engine.ts";
import type { Request } from "./protocol.ts";

const port = parentPort;
if (port === null)
  throw new Error("the store's thread can't run as a program: open the store with openStore()");

const { file } = workerData as { file: string };
const database = openDatabase(file);
const engine = storeEngine({ database, now: () => Date.now(), send: (replies) => port.postMessage(replies) });
engine.forgetOldIds();
const hourly = setInterval(engine.forgetOldIds, 3_600_000);

/** Commands that have come in while the last transaction was on its way to the disk: they are the next one. */
let waiting: Request[] = [];

function flush(): void {
  const requests = waiting;
  waiting = [];
  engine.handle(requests);
  if (!requests.some(({ name }) => name === "close")) return;
  clearInterval(hourly);
  engine.close();
  port?.close();
}

port.on("message", (requests: readonly Request[]) => {
  if (waiting.length === 0) setImmediate(flush);
  waiting.push(...requests);
});
port.postMessage("ready");
