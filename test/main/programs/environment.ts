import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";

// What the environment holds, without the secret itself.
const { ION_DIR = "", MODE = "", TOKEN = "" } = process.env;
const names = Object.keys(process.env).sort();
const sha256 = createHash("sha256").update(TOKEN).digest("hex");
console.log(`found ${names.join(", ")}`);
writeFileSync(`${ION_DIR}/out/insights.json`, JSON.stringify({ names, mode: MODE, sha256 }));
