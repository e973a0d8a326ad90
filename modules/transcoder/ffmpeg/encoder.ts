import { findFfmpeg } from "./find-ffmpeg.ts";
import { tryFfmpeg } from "./run-ffmpeg.ts";

/** A way to encode H.264. */
export interface Encoder {
  /** ffmpeg's name for it. */
  readonly name: string;
  readonly gpu: boolean;
  /** Arguments before the input. */
  readonly device: readonly string[];
  /** The last filter: brings pictures into the form and memory that the encoder takes. */
  readonly format: string;
  /** Arguments after the input. */
  readonly quality: readonly string[];
}

const gpuEncoders: readonly Encoder[] = [
  {
    name: "h264_nvenc",
    gpu: true,
    device: [],
    format: "format=yuv420p",
    quality: ["-rc", "vbr", "-cq", "23", "-b:v", "0"],
  },
  { name: "h264_videotoolbox", gpu: true, device: [], format: "format=yuv420p", quality: ["-b:v", "4M"] },
  {
    name: "h264_vaapi",
    gpu: true,
    device: ["-vaapi_device", "/dev/dri/renderD128"],
    format: "format=nv12,hwupload",
    quality: ["-qp", "23"],
  },
];

/** Runs everywhere. */
export const softwareEncoder: Encoder = {
  name: "libx264",
  gpu: false,
  device: [],
  format: "format=yuv420p",
  quality: ["-preset", "veryfast", "-crf", "23"],
};

/** Encodes one picture: that ffmpeg knows an encoder doesn't say that this machine has its GPU. */
async function encodesHere(
  { name, device, format, quality }: Encoder,
  signal: AbortSignal,
): Promise<boolean> {
  const picture = ["-f", "lavfi", "-i", "color=size=256x256:rate=1:duration=1"];
  const encode = ["-vf", format, "-frames:v", "1", "-c:v", name, ...quality, "-f", "null", "-"];
  const { exitCode } = await tryFfmpeg([...device, ...picture, ...encode], { signal });
  return exitCode === 0;
}

/** Picks the first GPU encoder that works on this machine, else libx264. */
export async function pickEncoder(signal: AbortSignal): Promise<Encoder> {
  const { encoders } = await findFfmpeg();
  for (const encoder of gpuEncoders) {
    if (encoders.has(encoder.name) && (await encodesHere(encoder, signal))) return encoder;
  }
  return softwareEncoder;
}
