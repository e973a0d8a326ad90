// expect: two modules are named 'fetch'
// at run time: two modules are named 'fetch'
import { defineModule, pipeline } from "../../../runtime/contract/index.ts";
import { command, downloaded, link } from "./events.ts";

const fetch = defineModule({ name: "fetch", on: link, emits: [downloaded], command });
const again = defineModule({ name: "fetch", on: downloaded, command });

export default pipeline("test", [fetch, again], { sources: [link] });
