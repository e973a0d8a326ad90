import { defineModule, event, pipeline } from "ion";
import { z } from "zod";

const sent = event("document_sent", z.object({ language: z.string(), pages: z.int() }));
const counted = event("words_counted", z.object({ words: z.int(), exact: z.boolean(), path: z.string() }));

/** A module as the original Ion's users wrote them: it knows nothing of this one. */
const counter = defineModule({
  name: "counter",
  on: sent,
  emits: [counted],
  command: ["sh", "test/main/programs/original.sh"],
});

const reader = defineModule({
  name: "reader",
  on: counted,
  command: ["sh", "-c", 'cp "$HANDLER_BASE_DIR/in/data/summary.txt" "$HANDLER_BASE_DIR/out/data/"'],
});

export default pipeline("original", [counter, reader], { sources: [sent] });
