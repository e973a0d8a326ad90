import { defineModule, event, pipeline } from "ion";
import { z } from "zod";

const asked = event("asked", z.object({}));
const passed = event("passed", z.object({}));

/** Waits at the gate of its attempt: a named pipe in TMPDIR. */
const waiter = defineModule({
  name: "waiter",
  on: asked,
  emits: [passed],
  command: [
    "sh",
    "-c",
    'read word < "$TMPDIR/gate-$ION_ATTEMPT" && echo \'{"type":"passed"}\' > "$ION_DIR/out/events/passed.json"',
  ],
});

const last = defineModule({ name: "last", on: passed, command: ["true"] });

export default pipeline("gated", [waiter, last], { sources: [asked] });
