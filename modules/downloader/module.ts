import { defineModule, minutes } from "ion";
import { fileDownloaded, newLink } from "../events.ts";

/** An address -> the file it names. */
export const downloader = defineModule({
  name: "downloader",
  on: newLink,
  emits: [fileDownloaded],
  command: ["node", "modules/downloader/main.ts"],
  // Above TIMEOUT_SECONDS, so that the program itself says what took too long.
  timeout: minutes(35),
  concurrency: 4,
  config: {
    MAX_BYTES: String(8 * 2 ** 30),
    MAX_REDIRECTS: "5",
    TIMEOUT_SECONDS: "1800",
    ALLOW_PRIVATE_ADDRESSES: "false",
  },
});
