// This file compiles: what the others break, kept.
import { z } from "zod";
import { defineModule, event, flowCompleted, kubernetes, pipeline } from "../../../runtime/contract/index.ts";
import { command, downloaded, link, transcoded } from "./events.ts";

const fetch = defineModule({ name: "fetch", on: link, emits: [downloaded], command });
const transcode = defineModule({
  name: "transcode",
  on: downloaded.where({ kind: ["video"], bytes: 1 }),
  emits: [transcoded],
  command,
  executor: kubernetes({ memory: "512Mi" }),
});
const thumbs = defineModule({
  name: "thumbs",
  on: [transcoded, downloaded.where({ kind: "image" })],
  command,
});
// The same payload, declared a second time.
const same = event("transcoded", z.object({ seconds: z.number() }));
const archive = defineModule({ name: "archive", on: same, command });
const report = defineModule({ name: "report", on: flowCompleted, joins: [downloaded], command });

export default pipeline("test", [fetch, transcode, thumbs, archive, report], { sources: [link] });
