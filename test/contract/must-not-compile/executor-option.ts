// expect: Type '"512M"' is not assignable to type
import { defineModule, kubernetes } from "../../../runtime/contract/index.ts";
import { command, link } from "./events.ts";

export default defineModule({ name: "fetch", on: link, command, executor: kubernetes({ memory: "512M" }) });
