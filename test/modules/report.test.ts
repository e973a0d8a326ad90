import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { runModule } from "ion/kit/testing";
import { joinFlow } from "../../modules/report/join-flow.ts";
import { report } from "../../modules/report/module.ts";
import { renderPage } from "../../modules/report/page.ts";
import { hostileName, mixedFlow, transcodedFlow } from "./report-fixtures/flow.ts";

const completed = { type: "ion.flow_completed", data: { events: 7, succeeded: 9, failed: 1 } } as const;
const noParts = { style: "", crops: new Map<string, string>() };
const voidElements = /^(meta|img|!doctype)$/;

/** Names of elements that are opened and not closed, or the other way round. */
function findUnbalanced(page: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, slash, name = ""] of page.matchAll(/<(\/?)([a-z0-9!]+)(?:"[^"]*"|[^">])*>/g)) {
    if (voidElements.test(name)) continue;
    if (slash === "") open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

suite("report: joinFlow()", () => {
  test("gives pictures in natural order, those without faces too", () => {
    const { pictures } = joinFlow(mixedFlow);
    assert.deepEqual(
      pictures.map(({ picture, faces }) => [picture, faces.length]),
      [
        [hostileName, 1],
        ["2.jpg", 2],
        ["10.jpg", 0],
      ],
    );
  });

  test("gives faces from left to right with what every module reported", () => {
    const faces = joinFlow(mixedFlow).pictures.find(({ picture }) => picture === "2.jpg")?.faces;
    assert.deepEqual(
      faces?.map(({ eventId, insights }) => [eventId, Object.keys(insights)]),
      [
        ["left", ["age", "expression"]],
        ["right", ["age"]],
      ],
    );
  });

  test("says which executions failed, and why", () => {
    assert.deepEqual(joinFlow(mixedFlow).failures, [
      { module: "age", eventId: "hostile", eventType: "face_found", attempts: 3, error: "exit 1: <oops>" },
    ]);
  });

  test("does not depend on the order in which a flow is listed", () => {
    const reversed = {
      ...mixedFlow,
      events: mixedFlow.events.toReversed(),
      insights: mixedFlow.insights.toReversed(),
      executions: mixedFlow.executions.toReversed(),
    };
    assert.equal(JSON.stringify(joinFlow(reversed)), JSON.stringify(joinFlow(mixedFlow)));
  });
});

suite("report: renderPage()", () => {
  const crops = new Map(["left", "right", "hostile"].map((id) => [id, `data:image/jpeg;base64,${id}`]));
  const page = renderPage(joinFlow(mixedFlow), { style: "", crops });

  test("shows each crop with words for it", () => {
    assert.match(page, /base64,left" alt="Face 1 of 2 in 2\.jpg: happy, female, about 31"/);
    assert.match(page, /base64,right" alt="Face 2 of 2 in 2\.jpg: expression unknown, male, about 25"/);
    assert.equal(page.match(/<img /g)?.length, 3);
  });

  test("shows a face without a crop, and a picture without a face", () => {
    assert.equal(renderPage(joinFlow(mixedFlow), noParts).match(/class="no-crop"/g)?.length, 3);
    assert.match(page, /10\.jpg <span class="quiet">0 faces<\/span><\/h3>\s*<p>No face was found/);
  });

  test("escapes whatever a flow says", () => {
    assert.doesNotMatch(page, /<script|<b>|<oops>/);
    assert.match(page, /in &quot;&gt;&lt;script&gt;alert\(1\)&lt;\/script&gt;&#39;&amp;\.jpg/);
    assert.match(page, /&lt;oops&gt;/);
  });

  test("closes every element it opens", () => {
    assert.deepEqual(findUnbalanced(page), []);
  });

  test("is a whole page for a flow without pictures", () => {
    const films = renderPage(joinFlow(transcodedFlow), noParts);
    assert.deepEqual(findUnbalanced(films), []);
    assert.match(films, /film\.mp4, 1\.2 MiB/);
    assert.match(films, /transcoder – transcodeTimeSec: 1\.5/);
    assert.doesNotMatch(films, /<h2>Pictures/);
  });
});

suite("report: the program", () => {
  const joinedFiles = Object.fromEntries(
    ["left", "right", "hostile"].map((id) => [`in/data/${id}/face-1.jpg`, Buffer.from(`crop of ${id}`)]),
  );

  test("writes one page with every crop inside, and the same as JSON", async () => {
    using result = await runModule(report, { event: completed, flow: mixedFlow, flowFiles: joinedFiles });
    assert.equal(result.exitCode, 0, result.log);
    assert.deepEqual(
      result.events.map(({ data, files }) => ({ data, files: files.map(({ path }) => path) })),
      [{ data: { faces: 3, pictures: 3 }, files: ["report.html", "report.json"] }],
    );
    const [page = "", json = ""] = result.files.map(({ file }) => readFileSync(file, "utf8"));
    for (const id of ["left", "right", "hostile"]) {
      assert.ok(
        page.includes(`src="data:image/jpeg;base64,${Buffer.from(`crop of ${id}`).toString("base64")}"`),
        id,
      );
    }
    assert.match(page, /color-scheme: light dark/);
    assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(joinFlow(mixedFlow))));
  });

  test("reports a flow without faces", async () => {
    using result = await runModule(report, { event: completed, flow: transcodedFlow });
    assert.equal(result.exitCode, 0, result.log);
    assert.deepEqual(result.insight, { faces: 0, pictures: 0, failures: 0 });
  });
});
