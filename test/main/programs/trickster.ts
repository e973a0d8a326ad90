import { execFileSync } from "node:child_process";
import { existsSync, linkSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { z } from "zod";

const { ION_DIR = "", TMPDIR = "" } = process.env;
const event = z.object({ data: z.object({ trick: z.string() }) });
const { trick } = event.parse(JSON.parse(readFileSync(`${ION_DIR}/in/event.json`, "utf8"))).data;

const emit = (name: string, content: object) =>
  writeFileSync(`${ION_DIR}/out/events/${name}.json`, JSON.stringify(content));
const file = (name: string) => `${ION_DIR}/out/data/${name}`;

const tricks: Record<string, () => void> = {
  "symbolic link": () => symlinkSync("/etc/passwd", file("link")),
  "path outside": () => emit("bad", { type: "made", data: { n: 2 }, files: ["../../in/event.json"] }),
  "unknown type": () => emit("bad", { type: "invented", data: {} }),
  "schema violation": () => emit("bad", { type: "made", data: { n: "two" } }),
  "missing file": () => emit("bad", { type: "made", data: { n: 2 }, files: ["nowhere.txt"] }),
  "named pipe": () => void execFileSync("mkfifo", [file("pipe")]),
  "hard link": () => linkSync(`${TMPDIR}/secret`, file("secret")),
  "over quota": () => writeFileSync(file("large"), Buffer.alloc(65 * 1024)),
  "oversize event": () => emit("bad", { type: "made", data: { n: 2, text: "x".repeat(300_000) } }),
};

// What is good stands beside what is bad: none of it may be written while the other is there.
writeFileSync(file("good.txt"), "good");
emit("good", { type: "made", data: { n: 1 }, files: ["good.txt"] });
writeFileSync(`${ION_DIR}/out/insights.json`, '{"seen":true}');
if (!existsSync(`${TMPDIR}/mended-${trick}`)) tricks[trick]?.();
