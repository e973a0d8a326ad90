import { formatBytes } from "ion";
import { html, type Markup } from "./html.ts";
import type { ReportedEvent } from "./report.ts";

const list = (entries: readonly string[]): Markup | undefined =>
  entries.length === 0 ? undefined : html`<ul>${entries.map((entry) => html`<li>${entry}</li>`)}</ul>`;

function describeValue(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(Number(value.toFixed(3))) : JSON.stringify(value);
}

const describeValues = (values: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(values).map(([name, value]) => `${name}: ${describeValue(value)}`);

function eventRow({ type, data, files, insights }: ReportedEvent): Markup {
  const reported = Object.entries(insights).flatMap(([module, insight]) =>
    describeValues(insight).map((text) => `${module} – ${text}`),
  );
  return html`<tr><th scope="row">${type}</th><td>${list(files.map(({ path, bytes }) => `${path}, ${formatBytes(bytes)}`))}</td><td>${list(describeValues(data))}</td><td>${list(reported)}</td></tr>
`;
}

/** What else happened: files that came in, were downloaded or transcoded, and what modules reported on them. */
export function otherEventsSection(events: readonly ReportedEvent[]): Markup | undefined {
  if (events.length === 0) return undefined;
  return html`<h2>Files and what was done with them</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">Event</th><th scope="col">Files</th><th scope="col">Data</th><th scope="col">Reported</th></tr></thead>
<tbody>
${events.map(eventRow)}</tbody>
</table></div>`;
}
