import { run } from "ion/kit";
import { estimateAge } from "../faces/models/index.ts";
import { openPicture } from "../faces/open-picture.ts";
import type { age } from "./module.ts";

await run<typeof age>("age", async ({ inputs, insight }) => {
  const face = await openPicture(inputs.one());
  insight({ ...(await estimateAge(face)) });
});
