import { pipeline } from "ion";
import { echo } from "./echo/module.ts";
import { asked } from "./events.ts";

export default pipeline("project", [echo], { sources: [asked] });
