import { join } from "node:path";
import type { JsonObject } from "ion";
import { picturesUploaded, videoUploaded } from "./events.ts";
import { samplePictures } from "./faces/models/index.ts";
import { runFfmpeg } from "./transcoder/ffmpeg/index.ts";

/** An event to submit, as a person would. */
export interface Submission {
  /** What it is, for the person who watches. */
  readonly label: string;
  readonly type: string;
  readonly data: JsonObject;
  /** Paths of the files to send with it. */
  readonly files: string[];
}

/** `frames` takes three pictures of a video, each from the middle of a third. */
const picturesInClip = 3;
const secondsPerPicture = 1.5;
const fit = "scale=640:360:force_original_aspect_ratio=decrease,pad=640:360:-1:-1,setsar=1,fps=12";

/** Shows each picture for as long. The encoder is MPEG-4's, which every ffmpeg has. */
async function makeClip(pictures: readonly string[], clip: string, signal: AbortSignal): Promise<void> {
  const inputs = pictures.flatMap((path) => ["-loop", "1", "-t", String(secondsPerPicture), "-i", path]);
  const scaled = pictures.map((_path, index) => `[${index}:v]${fit}[v${index}]`);
  const joined = pictures.map((_path, index) => `[v${index}]`).join("");
  const graph = [...scaled, `${joined}concat=n=${pictures.length}`].join(";");
  const video = ["-c:v", "mpeg4", "-q:v", "4", "-pix_fmt", "yuv420p", "-y", clip];
  await runFfmpeg([...inputs, "-filter_complex", graph, ...video], { signal });
}

/**
 * What `npm start` submits: the sample pictures of the face models, then a short clip made of three of them.
 *
 * @param folder where the clip is written
 */
export default async function* submissions(
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<Submission, void, undefined> {
  const pictures = samplePictures();
  yield { label: "six pictures", type: picturesUploaded.type, data: {}, files: pictures };
  const clip = join(folder, "clip.avi");
  await makeClip(pictures.slice(0, picturesInClip), clip, signal);
  yield { label: "a clip of 4.5 seconds", type: videoUploaded.type, data: {}, files: [clip] };
}
