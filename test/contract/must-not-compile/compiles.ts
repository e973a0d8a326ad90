// This file compiles: what the others break, kept.
import { defineModule, flowCompleted, kubernetes, pipeline } from "../../../runtime/contract/index.ts";
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
const report = defineModule({ name: "report", on: flowCompleted, joins: [downloaded], command });

export default pipeline("test", [fetch, transcode, thumbs, report], { sources: [link] });
