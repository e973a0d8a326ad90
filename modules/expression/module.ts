import { defineModule, kubernetes, minutes } from "ion";
import { faceFound } from "../events.ts";

/** Says which expression a face shows. */
export const expression = defineModule({
  name: "expression",
  on: faceFound,
  command: ["node", "modules/expression/main.ts"],
  executor: kubernetes({ cpu: 1, memory: "512Mi" }),
  timeout: minutes(1),
});
