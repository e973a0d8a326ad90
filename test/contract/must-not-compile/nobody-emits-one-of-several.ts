// expect: module 'thumbs' subscribes to 'transcoded', which no module emits and no source provides
// at run time: module 'thumbs' subscribes to 'transcoded', which no module emits and no source provides
import { defineModule, pipeline } from "../../../runtime/contract/index.ts";
import { command, downloaded, link, transcoded } from "./events.ts";

const fetch = defineModule({ name: "fetch", on: link, emits: [downloaded], command });
const thumbs = defineModule({
  name: "thumbs",
  on: [downloaded.where({ kind: "video" }), transcoded],
  command,
});

export default pipeline("test", [fetch, thumbs], { sources: [link] });
