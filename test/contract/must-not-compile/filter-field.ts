// expect: 'size' does not exist in type 'Where<
// at run time: module 'thumbs' filters 'downloaded' on field 'size', which its data doesn't have
import { defineModule, pipeline } from "../../../runtime/contract/index.ts";
import { command, downloaded } from "./events.ts";

const thumbs = defineModule({ name: "thumbs", on: downloaded.where({ size: 1 }), command });

export default pipeline("test", [thumbs], { sources: [downloaded] });
