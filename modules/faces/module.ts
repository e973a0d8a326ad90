import { defineModule, kubernetes, minutes } from "ion";
import { faceFound, frameFound } from "../events.ts";

/** Finds the faces of a picture; each goes on as an event with its crop. */
export const faces = defineModule({
  name: "faces",
  on: frameFound,
  emits: [faceFound],
  command: ["node", "modules/faces/main.ts"],
  executor: kubernetes({ cpu: 1, memory: "1Gi" }),
  timeout: minutes(2),
  config: {
    /** `accurate`, or `fast`: half the time, but it misses turned and small faces. */
    FACES_DETECTOR: "accurate",
    /** Least score of a face, 0 to 1. */
    FACES_MIN_SCORE: "0.5",
  },
});
