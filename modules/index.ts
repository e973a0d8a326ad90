import { pipeline } from "ion";
import { age } from "./age/module.ts";
import { downloader } from "./downloader/module.ts";
import { newLink, picturesUploaded, videoUploaded } from "./events.ts";
import { expression } from "./expression/module.ts";
import { faces } from "./faces/module.ts";
import { frames } from "./frames/module.ts";
import { report } from "./report/module.ts";
import { transcoder } from "./transcoder/module.ts";

/**
 * The event graph:
 *
 *     frontapi.new_link -> downloader -+-> transcoder
 *     video_uploaded ------------------+-> frames -> faces -+-> expression
 *     pictures_uploaded ---------------^                    +-> age
 *     the end of the flow -> report
 */
export default pipeline("media", [downloader, transcoder, frames, faces, expression, age, report], {
  sources: [newLink, picturesUploaded, videoUploaded],
});
