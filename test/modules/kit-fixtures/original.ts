import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes as a module of the original Ion does: with no kit, every value a string. */
const folder = join(process.env.HANDLER_BASE_DIR ?? "", "out");
const pairs = (values: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(values).map(([key, value]) => ({ key, value })));

writeFileSync(join(folder, "data/a.txt"), "text");
writeFileSync(join(folder, "events/1.json"), pairs({ eventType: "made", files: "a.txt", width: "3" }));
writeFileSync(join(folder, "insights.json"), pairs({ source: "original" }));
