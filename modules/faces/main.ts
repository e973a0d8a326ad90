import { type Config, PermanentError, run } from "ion/kit";
import { type Detector, detectFaces, writeFace } from "./models/index.ts";
import type { faces } from "./module.ts";
import { openPicture } from "./open-picture.ts";

function readDetector(config: Config): Detector {
  const name = config("FACES_DETECTOR");
  if (name === "accurate" || name === "fast") return name;
  throw new PermanentError(`setting 'FACES_DETECTOR' must be 'accurate' or 'fast': it is '${name}'`, {
    exitCode: 78,
  });
}

await run<typeof faces>("faces", async ({ event, inputs, output, emit, insight, config }) => {
  const options = { detector: readDetector(config), minScore: config.number("FACES_MIN_SCORE") };
  const picture = await openPicture(inputs.one());
  const found = await detectFaces(picture, options);
  for (const [index, face] of found.entries()) {
    const crop = output(`face-${index + 1}.jpg`);
    await writeFace(picture, face, crop);
    emit("face_found", { picture: event.data.picture, ...face }, { files: [crop] });
  }
  insight({ faces: found.length, picture: event.data.picture });
});
