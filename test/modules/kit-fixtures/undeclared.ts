import { writeFileSync } from "node:fs";
import { join } from "node:path";

writeFileSync(join(process.env.ION_DIR ?? "", "out/events/0.json"), JSON.stringify({ type: "other" }));
