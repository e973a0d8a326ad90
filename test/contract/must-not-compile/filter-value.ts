// expect: Did you mean '"video"'?
// at run time: module 'thumbs' filters 'downloaded' on kind = 'vidoe', which is none of 'video', 'image'
import { defineModule, pipeline } from "../../../runtime/contract/index.ts";
import { command, downloaded } from "./events.ts";

const thumbs = defineModule({ name: "thumbs", on: downloaded.where({ kind: "vidoe" }), command });

export default pipeline("test", [thumbs], { sources: [downloaded] });
