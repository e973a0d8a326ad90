import { event } from "ion";
import { z } from "zod";

export const asked = event("asked", z.object({ wait: z.boolean().optional() }));
