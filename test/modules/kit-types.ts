/** What the compiler must refuse; `npm run check` fails when it takes one of these. */
import { type Context, run } from "ion/kit";
import { runModule } from "ion/kit/testing";
import { made, named, worker } from "./kit-fixtures/module.ts";

type WorkerContext = Context<typeof worker>;

export function emitsBadly({ emit }: WorkerContext): void {
  emit(made, { width: 1 });
  emit("made", { width: 1 });
  // @ts-expect-error: data of the wrong type
  emit(made, { width: "1" });
  // @ts-expect-error: a field is missing
  emit(made, {});
  // @ts-expect-error: a field that the event doesn't have
  emit("made", { width: 1, height: 1 });
  // @ts-expect-error: the data of another event
  emit("noted", { width: 1 });
  // @ts-expect-error: an event that 'emits' doesn't name
  emit(named, { name: "ion" });
  // @ts-expect-error: and its name
  emit("named", { name: "ion" });
}

export function readsBadly({ event }: WorkerContext): void {
  if (event.type === "named") {
    event.data.name satisfies string;
    // @ts-expect-error: a field of another event
    event.data.steps satisfies string[];
  }
  // @ts-expect-error: an event that 'on' doesn't name
  if (event.type === "made") return;
}

export async function runsBadly(): Promise<void> {
  // @ts-expect-error: another module's name
  await run<typeof worker>("other", () => undefined);
  // @ts-expect-error: a name alone types nothing
  await run("worker", () => undefined);
}

export async function testsBadly(): Promise<void> {
  // @ts-expect-error: the data of another event
  await runModule(worker, { event: { type: "told", data: { name: "ion" } } });
  // @ts-expect-error: an event that 'on' doesn't name
  await runModule(worker, { event: { type: "made", data: { width: 1 } } });
}
