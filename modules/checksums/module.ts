import { defineModule, event, kubernetes, minutes } from "ion";
import { z } from "zod";
import { frameFound } from "../events.ts";

/** The program writes every value as a string, as the original Ion's did; they become what the schema says. */
export const checksummed = event(
  "checksummed",
  z.object({ picture: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().min(0) }),
);

/** Says the SHA-256 and the size of a picture. */
export const checksums = defineModule({
  name: "checksums",
  on: frameFound,
  emits: [checksummed],
  command: ["python3", "modules/checksums/main.py"],
  executor: kubernetes({ cpu: 0.25, memory: "64Mi" }),
  timeout: minutes(1),
});
