import { clip, measureText, type Paint, padTo, type Tone, wrap } from "./text.ts";

/** Something worth saying about a row. */
export interface Detail {
  readonly text: string;
  readonly tone?: Tone;
}

/** One node of a tree, before it is known how wide the columns are. */
export interface Row {
  /** Tree lines before the label. */
  readonly guide: string;
  /** Tree lines before details that get a line of their own. */
  readonly guideBelow: string;
  readonly label: string;
  /** Aligned over all rows; only executions have them. */
  readonly cells?: {
    readonly state: string;
    readonly tone: Tone;
    readonly attempt: number;
    readonly time: string;
  };
  readonly details: readonly Detail[];
}

interface Layout {
  readonly columns: number;
  readonly labelWidth: number;
  readonly narrow: boolean;
  readonly paint: Paint;
}

const narrowColumns = 60;
const gap = "  ";

/** Of a deep tree's lines only the last are shown: they tell siblings apart. */
function shortenGuide(guide: string, columns: number): string {
  const cells = Math.max(6, Math.floor(columns / 3));
  return guide.length <= cells ? guide : `…${guide.slice(1 - cells)}`;
}

function renderLabel({ guide, label }: Row, cells: number, paint: Paint): string {
  const shown = clip(label, Math.max(8, cells - guide.length));
  return `${paint("quiet", guide)}${paint("strong", padTo(shown, cells - guide.length))}`;
}

function renderPlainRow({ guide, label, details }: Row, { columns, paint }: Layout): string[] {
  const shown = clip(label, Math.max(8, columns - guide.length));
  const head = `${paint("quiet", guide)}${paint("strong", shown)}`;
  const room = columns - guide.length - measureText(shown) - gap.length;
  const text = details.map((detail) => detail.text).join(gap);
  return [room < 4 || text === "" ? head : `${head}${gap}${paint("quiet", clip(text, room))}`];
}

function renderCells({ state, tone, attempt, time }: NonNullable<Row["cells"]>, layout: Layout): string {
  const attempts = attempt === 0 ? "" : layout.narrow ? `#${attempt}` : `attempt ${attempt}`;
  return [
    layout.paint(tone, padTo(state, 7)),
    padTo(attempts, layout.narrow ? 3 : 10),
    time.padStart(layout.narrow ? 8 : 11),
  ].join(" ");
}

function renderBelow(row: Row, { text, tone }: Detail, { columns, paint }: Layout): string[] {
  const room = Math.max(16, columns - row.guideBelow.length);
  const lines = tone === "bad" ? wrap(text, room) : [clip(text, room)];
  return lines.map((line) => `${paint("quiet", row.guideBelow)}${paint(tone ?? "quiet", line)}`);
}

function renderRow(row: Row, layout: Layout): string[] {
  if (row.cells === undefined) return renderPlainRow(row, layout);
  const head = `${renderLabel(row, layout.labelWidth, layout.paint)}${gap}${renderCells(row.cells, layout)}`;
  const headWidth = layout.labelWidth + gap.length + (layout.narrow ? 20 : 30);
  const detailsWidth = row.details.reduce((sum, { text }) => sum + gap.length + measureText(text), 0);
  if (headWidth + detailsWidth <= layout.columns) {
    const painted = row.details.map(
      ({ text, tone }) => gap + (tone === undefined ? text : layout.paint(tone, text)),
    );
    return [(head + painted.join("")).trimEnd()];
  }
  return [head.trimEnd(), ...row.details.flatMap((detail) => renderBelow(row, detail, layout))];
}

/**
 * Lays rows out in columns. Details that don't fit beside their row go below it.
 *
 * @param columns cells of a line; `Infinity` where lines have no end
 */
export function layOut(rows: readonly Row[], columns: number, paint: Paint): string[] {
  const bounded = rows.map((row) => ({
    ...row,
    guide: shortenGuide(row.guide, columns),
    guideBelow: shortenGuide(row.guideBelow, columns),
  }));
  const widest = bounded
    .filter(({ cells }) => cells !== undefined)
    .reduce((most, { guide, label }) => Math.max(most, guide.length + measureText(label)), 0);
  const labelWidth = Math.min(widest, Math.max(14, Math.floor(columns * 0.45)));
  const layout = { columns, labelWidth, narrow: columns < narrowColumns, paint };
  return bounded.flatMap((row) => renderRow(row, layout));
}
