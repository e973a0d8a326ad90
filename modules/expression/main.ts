import { run } from "ion/kit";
import { classifyExpression } from "../faces/models/index.ts";
import { openPicture } from "../faces/open-picture.ts";
import type { expression } from "./module.ts";

await run<typeof expression>("expression", async ({ inputs, insight }) => {
  const face = await openPicture(inputs.one());
  insight({ ...(await classifyExpression(face)) });
});
