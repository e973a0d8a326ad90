import { event } from "ion";
import { z } from "zod";

/** Somebody sends an address: `POST /` with `{"url": "..."}`. */
export const newLink = event("frontapi.new_link", z.object({ url: z.url() }), { files: false });

/** Pictures sent as files of the event. */
export const picturesUploaded = event("pictures_uploaded", z.object({}));

/** A video sent as the file of the event. */
export const videoUploaded = event("video_uploaded", z.object({}));

export const fileDownloaded = event(
  "file_downloaded",
  z.object({
    kind: z.enum(["video", "image", "other"]),
    contentType: z.string(),
    bytes: z.int().min(0),
  }),
);

export const fileTranscoded = event(
  "file_transcoded",
  z.object({ seconds: z.number().min(0), width: z.int(), height: z.int(), encoder: z.string() }),
);

/** One picture: of a set, or of a video at a time. */
export const frameFound = event(
  "frame_found",
  z.object({ picture: z.string(), seconds: z.number().optional() }),
);

/** One face of a picture; its file is the crop. */
export const faceFound = event(
  "face_found",
  z.object({
    picture: z.string(),
    score: z.number().min(0).max(1),
    box: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
  }),
);

export const reportReady = event(
  "report_ready",
  z.object({ faces: z.int().min(0), pictures: z.int().min(0) }),
);
