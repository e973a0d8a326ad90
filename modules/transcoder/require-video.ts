import { messageOf, PermanentError } from "ion/kit";
import { probeVideo, type Video } from "./ffmpeg/index.ts";

/**
 * Looks into a file that must be a video.
 *
 * @throws PermanentError with ffmpeg's reason when it is none
 */
export async function requireVideo(file: string, signal: AbortSignal): Promise<Video> {
  try {
    return await probeVideo(file, signal);
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new PermanentError(messageOf(cause), { cause });
  }
}
