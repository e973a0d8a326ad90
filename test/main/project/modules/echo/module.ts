import { defineModule } from "ion";
import { asked } from "../events.ts";

/** Says a word of its source and one of its declaration. */
export const echo = defineModule({
  name: "echo",
  on: asked,
  command: ["sh", "modules/echo/main.sh"],
  config: { WORD: "one" },
  concurrency: 1,
});
