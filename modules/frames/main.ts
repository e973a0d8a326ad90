import { constants, copyFile } from "node:fs/promises";
import { type Config, type Context, PermanentError, run } from "ion/kit";
import { frameFound } from "../events.ts";
import { extractFrames } from "./extract-frames.ts";
import { frames } from "./module.ts";

type FramesContext = Context<typeof frames>;

function readCount(config: Config, name: string): number {
  const count = config.number(name);
  if (Number.isInteger(count) && count > 0) return count;
  throw new PermanentError(`setting '${name}' must be a whole number of at least 1: it is ${count}`, {
    exitCode: 78,
  });
}

function requireAtMost(count: number, what: string, config: Config): void {
  const max = readCount(config, "MAX_PICTURES");
  if (count > max) {
    throw new PermanentError(
      `${count} ${what} are more than MAX_PICTURES, ${max}: raise it, or ask for fewer`,
    );
  }
}

/** Sends pictures on as they are, under their names. */
async function passOn({ inputs, output, emit, insight, config }: FramesContext): Promise<void> {
  const pictures = inputs.all();
  if (pictures.length === 0)
    throw new PermanentError("no picture came with the event: send at least one file");
  requireAtMost(pictures.length, "pictures", config);
  for (const source of pictures) {
    const picture = inputs.nameOf(source);
    const file = output(picture);
    await copyFile(source, file, constants.COPYFILE_FICLONE);
    emit(frameFound, { picture }, { files: [file] });
  }
  insight({ pictures: pictures.length });
}

async function splitVideo({ inputs, output, emit, insight, progress, config, signal }: FramesContext) {
  const video = inputs.one();
  const count = readCount(config, "FRAMES");
  requireAtMost(count, "frames", config);
  let pictures = 0;
  for await (const { file, picture, seconds } of extractFrames(video, count, { output, signal })) {
    pictures += 1;
    progress(pictures / count, picture);
    emit(frameFound, { picture, seconds }, { files: [file] });
  }
  insight({ pictures });
}

await run(frames, (context) => {
  const { event } = context;
  const isVideo =
    event.type === "video_uploaded" || (event.type === "file_downloaded" && event.data.kind === "video");
  return isVideo ? splitVideo(context) : passOn(context);
});
