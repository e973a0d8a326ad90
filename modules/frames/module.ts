import { defineModule } from "ion";
import { fileDownloaded, frameFound, picturesUploaded, videoUploaded } from "../events.ts";

/** A video, a picture or a set of pictures -> pictures, one event each. */
export const frames = defineModule({
  name: "frames",
  on: [fileDownloaded.where({ kind: ["video", "image"] }), videoUploaded, picturesUploaded],
  emits: [frameFound],
  command: ["node", "modules/frames/main.ts"],
  config: { FRAMES: "3", MAX_PICTURES: "500" },
});
