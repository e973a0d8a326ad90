import { html, type Markup } from "./html.ts";
import type { ReportedFace, ReportedPicture } from "./report.ts";
import { findNumber, findText } from "./summary.ts";

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** A face in words, for those who see the page and for those who hear it. */
function describeFace({ insights }: ReportedFace): { expression: string; person: string } {
  const age = findNumber(insights, "age");
  const words = [findText(insights, "gender"), age === undefined ? undefined : `about ${Math.round(age)}`];
  return {
    expression: findText(insights, "expression") ?? "expression unknown",
    person: words.filter((word) => word !== undefined).join(", ") || "age unknown",
  };
}

function probabilityMeter(probability: number | undefined): Markup | undefined {
  if (probability === undefined) return undefined;
  const text = percent(probability);
  return html`<meter min="0" max="1" value="${probability}" title="probability ${text}">${text}</meter>`;
}

function faceFigure(face: ReportedFace, place: string, crop: string | undefined): Markup {
  const { expression, person } = describeFace(face);
  const words = `${place}: ${expression}, ${person}`;
  const image =
    crop === undefined
      ? html`<div class="no-crop" role="img" aria-label="${words}"></div>`
      : html`<img src="${crop}" alt="${words}" width="160" height="160">`;
  return html`<li><figure>
${image}
<figcaption><strong>${expression}</strong>
${probabilityMeter(findNumber(face.insights, "probability"))}
<p class="quiet">${person}</p></figcaption>
</figure></li>
`;
}

function pictureSection(
  { picture, seconds, faces }: ReportedPicture,
  crops: ReadonlyMap<string, string>,
): Markup {
  const name = seconds === undefined ? picture : `${picture} at ${seconds.toFixed(1)} s`;
  const count = faces.length === 1 ? "1 face" : `${faces.length} faces`;
  const figures = faces.map((face, index) =>
    faceFigure(face, `Face ${index + 1} of ${faces.length} in ${name}`, crops.get(face.eventId)),
  );
  const body =
    figures.length === 0 ? html`<p>No face was found.</p>` : html`<ul class="faces">${figures}</ul>`;
  return html`<h3>${name} <span class="quiet">${count}</span></h3>
${body}
`;
}

/** Each picture with its faces. */
export function facesSection(
  pictures: readonly ReportedPicture[],
  crops: ReadonlyMap<string, string>,
): Markup | undefined {
  if (pictures.length === 0) return undefined;
  return html`<h2>Pictures</h2>
<p class="quiet">Expression, age and gender are guesses of small models: they can be wrong.</p>
${pictures.map((picture) => pictureSection(picture, crops))}`;
}
