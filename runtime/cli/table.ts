import { clip, measureText, type Paint, padTo } from "./text.ts";

/**
 * Lays cells out in columns below a head; the last column is clipped at the line's end.
 *
 * @param columns cells of a line; `Infinity` where lines have no end
 */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
  paint: Paint,
): string[] {
  const widths = head.map((title, index) =>
    rows.reduce((most, row) => Math.max(most, measureText(row[index] ?? "")), title.length),
  );
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  const renderCell = (cell: string, index: number) =>
    index === head.length - 1
      ? clip(cell, Math.max(8, columns - before))
      : `${padTo(cell, widths[index] ?? 0)}  `;
  const renderRow = (row: readonly string[]) => row.map(renderCell).join("").trimEnd();
  return [paint("quiet", renderRow(head)), ...rows.map(renderRow)];
}
