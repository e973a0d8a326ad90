export { type Encoder, pickEncoder, softwareEncoder } from "./encoder.ts";
export { findFfmpeg } from "./find-ffmpeg.ts";
export { openInput, parseVideo, probeVideo, type Video } from "./probe.ts";
export { type FfmpegOptions, runFfmpeg, tryFfmpeg } from "./run-ffmpeg.ts";
