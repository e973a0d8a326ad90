import { defineModule, event, kibibytes, milliseconds, pipeline } from "ion";
import { z } from "zod";

const wanted = event("wanted", z.object({ trick: z.string() }));
const made = event("made", z.object({ n: z.int() }));

/** Leaves in its workspace what the event asks for, until it is mended. */
const trickster = defineModule({
  name: "trickster",
  on: wanted,
  emits: [made],
  command: ["node", "test/main/programs/trickster.ts"],
  retry: { minDelay: milliseconds(1) },
  limits: { size: kibibytes(64) },
});

const receiver = defineModule({ name: "receiver", on: made, command: ["true"] });

export default pipeline("hostile", [trickster, receiver], { sources: [wanted] });
