// expect: Property 'name' is missing in type
import { defineModule } from "../../../runtime/contract/index.ts";
import { command, link } from "./events.ts";

export default defineModule({ on: link, command });
