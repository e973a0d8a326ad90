import { defineModule, event, pipeline } from "ion";
import { z } from "zod";

const wanted = event("wanted", z.object({ leaves: z.int(), picked: z.int() }));
const leaf = event("leaf", z.object({ n: z.int(), picked: z.boolean() }), { files: false });

const spreader = defineModule({
  name: "spreader",
  on: wanted,
  emits: [leaf],
  command: ["node", "test/main/programs/spreader.ts"],
});

const picker = defineModule({ name: "picker", on: leaf.where({ picked: true }), command: ["true"] });

export default pipeline("fan-out", [spreader, picker], { sources: [wanted] });
