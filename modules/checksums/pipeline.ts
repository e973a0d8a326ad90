import { pipeline } from "ion";
import { frameFound } from "../events.ts";
import { checksums } from "./module.ts";

/** Needs Python, so it stands apart from the pipeline that `npm start` runs with nothing but Node. */
export default pipeline("checksums", [checksums], { sources: [frameFound] });
