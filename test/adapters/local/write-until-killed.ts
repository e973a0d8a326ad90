import { localBus } from "../../../runtime/adapters/local/bus.ts";
import { localDocuments } from "../../../runtime/adapters/local/documents.ts";
import { openStore } from "../../../runtime/adapters/local/store/store.ts";
import { makeEvents, topicOf } from "../../ports/bus-fixture.ts";
import { beginning, makeLog } from "../../ports/documents-fixture.ts";

// A program: writes in several lanes until it is killed, and prints the number of each write once it was
// answered. An even number is a publish of two events, an odd one a batch of two documents, a count and an event.
const [file = "", flow = ""] = process.argv.slice(2);
const lanes = 4;

const store = await openStore(file);
const bus = localBus({ store });
const documents = localDocuments({ store, bus });
await bus.ensure([topicOf("made", "a")]);

async function write(number: number): Promise<void> {
  const id = `${flow}/${number}`;
  if (number % 2 === 0) return bus.publish(makeEvents(`${id}/first`, `${id}/second`));
  const logs = [makeLog(2 * number, { flow }), makeLog(2 * number + 1, { flow })];
  const creates = logs.map((document) => ({ kind: "create", document }) as const);
  return documents.batch(flow, [...creates, beginning], makeEvents(`${id}/first`));
}

async function runLane(first: number): Promise<void> {
  for (let number = first; ; number += lanes) {
    await write(number);
    // A pipe is written to before `write` returns. https://nodejs.org/api/process.html#a-note-on-process-io
    process.stdout.write(`${number}\n`);
  }
}

await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(lane)));
