export { type Encoder, pickEncoder, softwareEncoder } from "./encoder.ts";
export { type Ffmpeg, findFfmpeg } from "./find-ffmpeg.ts";
export { openInput, parseVideo, probeVideo, type Video } from "./probe.ts";
export { FfmpegError, type FfmpegOptions, runFfmpeg, tryFfmpeg } from "./run-ffmpeg.ts";
