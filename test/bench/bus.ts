import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { localBus } from "../../runtime/adapters/local/bus.ts";
import { openStore } from "../../runtime/adapters/local/store/store.ts";
import { firstEvent, type IonEvent } from "../../runtime/contract/event.ts";
import { deriveId } from "../../runtime/contract/ids.ts";
import { type Figure, format, inTurn, median } from "./measure.ts";

const messages = 20_000;
const perGroup = 100;
const subscription = { topic: "bench", module: "reader" };

const body = "x".repeat(700);
const makeEvent = (round: number, n: number): IonEvent => ({
  ...firstEvent({
    id: deriveId("bench", String(round), String(n)),
    type: "bench",
    time: "2026-01-01T00:00:00.000Z",
    data: { body },
  }),
  correlationid: deriveId("bench", String(round)),
});

/** @returns messages per second */
async function measureBus(round: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "ion-bench-bus-"));
  const store = await openStore(join(folder, "ion.db"));
  const bus = localBus({ store });
  await bus.ensure([{ type: "bench", subscriptions: [{ module: "reader", filters: [{}] }] }]);
  const events = Array.from({ length: messages }, (_, n) => makeEvent(round, n));
  const enough = new AbortController();
  const start = performance.now();
  const publish = async () => {
    for (let first = 0; first < messages; first += perGroup)
      await bus.publish(events.slice(first, first + perGroup));
  };
  const published = publish();
  const completed: Promise<void>[] = [];
  for await (const delivery of bus.consume(subscription, { credit: () => perGroup, signal: enough.signal })) {
    completed.push(delivery.complete());
    if (completed.length === messages) enough.abort();
  }
  await Promise.all([published, ...completed]);
  const rate = messages / ((performance.now() - start) / 1000);
  await store.close();
  rmSync(folder, { recursive: true, force: true });
  return rate;
}

/** @returns rows per second that SQLite takes with the same pragmas, the same bytes and the same groups */
async function measureInserts(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "ion-bench-sqlite-"));
  const database = new DatabaseSync(join(folder, "raw.db"));
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE row (id INTEGER PRIMARY KEY, body TEXT)",
  );
  const insert = database.prepare("INSERT INTO row (body) VALUES (?)");
  const text = JSON.stringify(makeEvent(0, 0));
  const start = performance.now();
  for (let first = 0; first < messages; first += perGroup) {
    database.exec("BEGIN");
    for (let n = 0; n < perGroup; n += 1) insert.run(text);
    database.exec("COMMIT");
  }
  const rate = messages / ((performance.now() - start) / 1000);
  database.close();
  rmSync(folder, { recursive: true, force: true });
  return rate;
}

/** The durable bus: publish, consume and complete messages of 1 KB in groups of a hundred. */
export async function measureDurableBus(rounds: number): Promise<Figure[]> {
  let round = 0;
  const ours = () => measureBus(round++);
  const result = await inTurn(rounds, ours, measureInserts);
  return [
    {
      name: "durable bus: publish + consume + complete, 1 KB",
      values: result.ours,
      unit: "messages/s",
      target: { kind: "at least", value: 20_000 },
    },
    {
      name: "durable bus against raw SQLite inserts",
      values: result.ratios,
      unit: "× inserts",
      note: `${format(median(result.baseline))} inserts/s in the same groups; a message is an insert, a deletion and an id remembered`,
    },
  ];
}
