import { basename, extname } from "node:path";
import { PermanentError, run } from "ion/kit";
import { fileTranscoded } from "../events.ts";
import { type Encoder, FfmpegError, pickEncoder, probeVideo, softwareEncoder } from "./ffmpeg/index.ts";
import { transcoder } from "./module.ts";
import { requireVideo } from "./require-video.ts";
import { height, type TranscodeOptions, transcode, width } from "./transcode.ts";

/** A GPU's encoder may refuse what libx264 takes; what libx264 refuses is no video. */
async function transcodeAnyhow(
  video: string,
  mp4: string,
  encoder: Encoder,
  options: Omit<TranscodeOptions, "encoder">,
): Promise<Encoder> {
  try {
    await transcode(video, mp4, { encoder, ...options });
    return encoder;
  } catch (cause) {
    if (!(cause instanceof FfmpegError)) throw cause;
    if (encoder.gpu) return transcodeAnyhow(video, mp4, softwareEncoder, options);
    throw new PermanentError(`cannot transcode '${basename(video)}': ${cause.message}`, { cause });
  }
}

await run(transcoder, async ({ inputs, output, emit, insight, progress, signal }) => {
  const started = performance.now();
  const video = inputs.one();
  const { seconds } = await requireVideo(video, signal);
  const mp4 = output(`${basename(video, extname(video))}.mp4`);
  const onProgress = (done: number): void => {
    if (seconds !== undefined) progress(done / seconds, `${done.toFixed(1)} of ${seconds.toFixed(1)} s`);
  };
  const encoder = await transcodeAnyhow(video, mp4, await pickEncoder(signal), { signal, onProgress });
  const written = await probeVideo(mp4, signal);
  const data = { seconds: written.seconds ?? 0, width, height, encoder: encoder.name };
  emit(fileTranscoded, data, { files: [mp4] });
  const transcodeTimeSec = Math.round(performance.now() - started) / 1000;
  insight({ transcodeTimeSec, encoder: encoder.name, gpu: encoder.gpu });
});
