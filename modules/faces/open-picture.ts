import { PermanentError } from "ion/kit";
import { type Picture, readPicture, UnreadablePictureError } from "./models/index.ts";

/**
 * Decodes the picture of an event.
 *
 * @throws PermanentError when the file is no picture or a broken one
 */
export async function openPicture(path: string): Promise<Picture> {
  try {
    return await readPicture(path);
  } catch (thrown) {
    if (!(thrown instanceof UnreadablePictureError)) throw thrown;
    throw new PermanentError(thrown.message, { cause: thrown });
  }
}
