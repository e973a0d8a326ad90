import { facesSection } from "./faces-section.ts";
import { html, type Markup, trusted } from "./html.ts";
import { otherEventsSection } from "./other-events-section.ts";
import type { Report, ReportedFailure } from "./report.ts";
import { summarize } from "./summary.ts";

/** What the page shows beside the report itself. */
export interface PageParts {
  /** The style sheet's text. */
  readonly style: string;
  /** Event id of a face -> its crop as a data URI; a face without one is shown without a picture. */
  readonly crops: ReadonlyMap<string, string>;
}

const tile = (value: string | number, name: string): Markup =>
  html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

function summarySection(report: Report): Markup {
  const { pictures, faces, expressions, medianAge } = summarize(report);
  const tiles = [
    tile(pictures, pictures === 1 ? "picture" : "pictures"),
    tile(faces, faces === 1 ? "face" : "faces"),
    ...expressions.map(({ expression, count }) => tile(count, expression)),
    ...(medianAge === undefined ? [] : [tile(Math.round(medianAge), "median age")]),
    ...(report.failures.length === 0 ? [] : [tile(report.failures.length, "failed")]),
  ];
  return html`<dl class="tiles">${tiles}</dl>`;
}

function failuresSection(failures: readonly ReportedFailure[]): Markup | undefined {
  if (failures.length === 0) return undefined;
  const rows = failures.map(
    ({ module, eventType, attempts, error }) =>
      html`<tr><th scope="row">${module}</th><td>${eventType}</td><td>${attempts}</td><td class="failed">${error}</td></tr>`,
  );
  return html`<h2>What failed</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">Module</th><th scope="col">Event</th><th scope="col">Attempts</th><th scope="col">Reason</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>`;
}

/** Nothing on the page may load or run anything, whatever a flow's names and texts try. */
const policy =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const describeTime = (time: string): string =>
  `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** Renders a report as one HTML page that needs no other file. */
export function renderPage(report: Report, { style, crops }: PageParts): string {
  const { correlationId, startedAt, completedAt } = report.flow;
  const seconds = (Date.parse(completedAt) - Date.parse(startedAt)) / 1_000;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Report of flow ${correlationId}</title>
<style>
${trusted(style)}</style>
</head>
<body>
<main>
<h1>What was found</h1>
<p class="quiet">Flow ${correlationId}, started <time datetime="${startedAt}">${describeTime(startedAt)}</time>, took ${seconds.toFixed(1)} s</p>
${summarySection(report)}
${failuresSection(report.failures)}
${facesSection(report.pictures, crops)}
${otherEventsSection(report.otherEvents)}
</main>
</body>
</html>
`.text;
}
