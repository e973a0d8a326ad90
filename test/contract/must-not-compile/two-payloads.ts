// expect: event type 'downloaded' has two payloads; one is in module 'thumbs'
// at run time: event type 'downloaded' has two payloads; one is in module 'thumbs'
import { z } from "zod";
import { defineModule, event, pipeline } from "../../../runtime/contract/index.ts";
import { command, downloaded, link } from "./events.ts";

const other = event("downloaded", z.object({ size: z.string() }));
const fetch = defineModule({ name: "fetch", on: link, emits: [downloaded], command });
const thumbs = defineModule({ name: "thumbs", on: other, command });

export default pipeline("test", [fetch, thumbs], { sources: [link] });
