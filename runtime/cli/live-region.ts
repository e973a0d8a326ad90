import type { CliIo } from "./context.ts";

/** Lines at the end of a terminal's output that are drawn again and again. */
export interface LiveRegion {
  draw(lines: readonly string[]): void;
  /** Takes the lines away, so that what follows stands in their place. */
  clear(): void;
}

// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html: cursor up, erase to the end of the screen; no wrapping
// while drawing, as a wrapped line would take more lines than are counted.
const eraseLines = (count: number) => (count === 0 ? "" : `\u001b[${count}F\u001b[0J`);
const wrapOff = "\u001b[?7l";
const wrapOn = "\u001b[?7h";

/** A line that has left the screen can't be drawn again, so that only as many as the screen holds are drawn. */
function fit(lines: readonly string[], rows: number): readonly string[] {
  const room = Math.max(2, rows - 1);
  if (lines.length <= room) return lines;
  return [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`];
}

export function makeLiveRegion(io: CliIo): LiveRegion {
  let drawn = 0;
  return {
    draw(lines) {
      const fitting = fit(lines, io.rows);
      io.stdout.write(`${eraseLines(drawn)}${wrapOff}${fitting.join("\n")}${wrapOn}\n`);
      drawn = fitting.length;
    },
    clear() {
      io.stdout.write(eraseLines(drawn));
      drawn = 0;
    },
  };
}
