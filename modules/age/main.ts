import { run } from "ion/kit";
import { estimateAge } from "../faces/models/index.ts";
import { openPicture } from "../faces/open-picture.ts";
import { age } from "./module.ts";

await run(age, async ({ inputs, insight }) => {
  const face = await openPicture(inputs.one());
  insight({ ...(await estimateAge(face)) });
});
