import { readFile } from "node:fs/promises";
import { run } from "ion/kit";
import { reportReady } from "../events.ts";
import { embedCrops } from "./embed-crops.ts";
import { joinFlow } from "./join-flow.ts";
import { report } from "./module.ts";
import { renderPage } from "./page.ts";
import { summarize } from "./summary.ts";

await run(report, async ({ flow, writeFile, emit, insight }) => {
  const input = await flow();
  const joined = joinFlow(input);
  const style = await readFile(new URL("page.css", import.meta.url), "utf8");
  const crops = await embedCrops(joined.pictures, input.events);
  const files = [
    await writeFile("report.html", renderPage(joined, { style, crops })),
    await writeFile("report.json", `${JSON.stringify(joined, null, 2)}\n`),
  ];
  const { faces, pictures } = summarize(joined);
  emit(reportReady, { faces, pictures }, { files });
  insight({ faces, pictures, failures: joined.failures.length });
});
