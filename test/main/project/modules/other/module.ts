import { defineModule } from "ion";
import { asked } from "../events.ts";

export const other = defineModule({ name: "other", on: asked, command: ["true"] });
