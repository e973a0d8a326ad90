import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";

const { ION_DIR = "" } = process.env;
const event = z.object({ data: z.object({ leaves: z.int(), picked: z.int() }) });
const { leaves, picked } = event.parse(JSON.parse(readFileSync(`${ION_DIR}/in/event.json`, "utf8"))).data;

for (let n = 0; n < leaves; n += 1) {
  const leaf = { type: "leaf", data: { n, picked: n < picked } };
  writeFileSync(`${ION_DIR}/out/events/${n}.json`, JSON.stringify(leaf));
}
