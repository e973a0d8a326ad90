import { batch, defineModule, minutes } from "ion";
import { fileDownloaded, fileTranscoded, videoUploaded } from "../events.ts";

/** Any video -> H.264 in a 1280x720 mp4. */
export const transcoder = defineModule({
  name: "transcoder",
  on: [fileDownloaded.where({ kind: "video" }), videoUploaded],
  emits: [fileTranscoded],
  command: ["node", "modules/transcoder/main.ts"],
  executor: batch({ gpu: 1, spot: true }),
  timeout: minutes(30),
  retry: { attempts: 4 },
});
