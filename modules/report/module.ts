import { defineModule, flowCompleted, kubernetes, minutes } from "ion";
import { faceFound, reportReady } from "../events.ts";

/** Joins all that a finished flow has found into one JSON file and one HTML page. */
export const report = defineModule({
  name: "report",
  on: flowCompleted,
  joins: [faceFound],
  emits: [reportReady],
  command: ["node", "modules/report/main.ts"],
  executor: kubernetes({ cpu: 0.5, memory: "512Mi" }),
  timeout: minutes(5),
});
