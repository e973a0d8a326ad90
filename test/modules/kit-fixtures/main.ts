import { Readable } from "node:stream";
import { type Context, PermanentError, run } from "ion/kit";
import { made, worker } from "./module.ts";

type WorkerContext = Context<typeof worker>;

/** What a test can tell the program to do, one small verb each. */
const verbs: Readonly<Record<string, (context: WorkerContext) => unknown>> = {
  one: ({ inputs, insight }) => insight({ one: inputs.nameOf(inputs.one()) }),
  all: ({ inputs, insight }) =>
    insight({ all: inputs.all().map(inputs.nameOf), found: inputs.find("b/c.txt") !== undefined }),
  write: async ({ emit, writeFile }) =>
    emit(made, { width: 2 }, { files: [await writeFile("a/b.txt", "text")] }),
  stream: ({ writeFile }) => writeFile("c.txt", Readable.from(["one ", "two"])),
  emitByName: ({ emit }) => emit("noted", { text: "by name" }),
  emitInvalid: ({ emit }) => emit(made, { width: 0 }),
  emitWithoutFile: ({ emit, output }) => emit(made, { width: 1 }, { files: [output("never-written.txt")] }),
  leave: ({ output }) => output("../leave.txt"),
  report: ({ progress }) => [0, 0.001, 0.5, 2].map((fraction) => progress(fraction, "working\non it")),
  readConfig: ({ config, insight }) =>
    insight({
      greeting: config("GREETING"),
      size: config.number("SIZE", 3),
      loud: config.flag("LOUD", true),
    }),
  readUnset: ({ config }) => config("UNSET"),
  readFlow: ({ flow }) => flow(),
  failForGood: () => {
    throw new PermanentError("the input is\nno good");
  },
  fail: () => {
    throw new Error("try again");
  },
  leaveOpen: () => void setInterval(() => undefined, 1_000_000),
  wait: async ({ signal }) => {
    const open = setInterval(() => undefined, 1_000_000);
    console.log("waiting");
    await new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    clearInterval(open);
  },
};

await run(worker, async (context) => {
  const { event, insight, flow } = context;
  if (event.type === "named") {
    insight({ name: event.data.name });
  } else if (event.type === "ion.flow_completed") {
    const { events } = await flow();
    insight({ failed: event.data.failed, local: events.map(({ files }) => files[0]?.local ?? "") });
  } else {
    for (const step of event.data.steps) await verbs[step]?.(context);
  }
});
