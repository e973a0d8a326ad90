// expect: 'tags' does not exist in type 'Where<
// at run time: module 'thumbs' filters 'downloaded' on field 'tags', which is not a string, number or boolean
import { defineModule, pipeline } from "../../../runtime/contract/index.ts";
import { command, downloaded } from "./events.ts";

const thumbs = defineModule({ name: "thumbs", on: downloaded.where({ tags: "a" }), command });

export default pipeline("test", [thumbs], { sources: [downloaded] });
