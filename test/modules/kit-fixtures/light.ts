import { run } from "ion/kit";
import type { worker } from "./module.ts";

await run<typeof worker>("worker", ({ emit }) => emit("made", { width: 5 }));
