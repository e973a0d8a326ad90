import { basename, extname } from "node:path";
import { messageOf, PermanentError, run } from "ion/kit";
import { fileTranscoded } from "../events.ts";
import { pickEncoder, probeVideo, type Video } from "./ffmpeg/index.ts";
import { transcoder } from "./module.ts";
import { height, transcode, width } from "./transcode.ts";

async function requireVideo(file: string, signal: AbortSignal): Promise<Video> {
  try {
    return await probeVideo(file, signal);
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new PermanentError(messageOf(cause), { cause });
  }
}

await run(transcoder, async ({ inputs, output, emit, insight, progress, signal }) => {
  const started = performance.now();
  const video = inputs.one();
  const { seconds } = await requireVideo(video, signal);
  const encoder = await pickEncoder(signal);
  const mp4 = output(`${basename(video, extname(video))}.mp4`);
  const onProgress = (done: number): void => {
    if (seconds !== undefined) progress(done / seconds, `${done.toFixed(1)} of ${seconds.toFixed(1)} s`);
  };
  await transcode(video, mp4, { encoder, signal, onProgress });
  const written = await probeVideo(mp4, signal);
  emit(
    fileTranscoded,
    { seconds: written.seconds ?? 0, width, height, encoder: encoder.name },
    { files: [mp4] },
  );
  insight({
    transcodeTimeSec: (performance.now() - started) / 1000,
    encoder: encoder.name,
    gpu: encoder.gpu,
  });
});
