import { defineModule, kubernetes, minutes } from "ion";
import { faceFound } from "../events.ts";

/** Estimates the age and gender of a face. */
export const age = defineModule({
  name: "age",
  on: faceFound,
  command: ["node", "modules/age/main.ts"],
  executor: kubernetes({ cpu: 1, memory: "512Mi" }),
  timeout: minutes(1),
});
