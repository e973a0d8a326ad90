// The events of the fixtures. This file compiles.
import { z } from "zod";
import { event } from "../../../runtime/contract/index.ts";

export const link = event("link", z.object({ url: z.string() }));
export const downloaded = event(
  "downloaded",
  z.object({ kind: z.enum(["video", "image"]), bytes: z.int(), tags: z.array(z.string()) }),
);
export const transcoded = event("transcoded", z.object({ seconds: z.number() }));
export const command = ["true"] as const;
