import { diff } from "node:util";
import type { Paint } from "./text.ts";

/** Unchanged lines shown around each change. */
const context = 3;

const toLines = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** Shows the lines in which two texts differ, with `-` and `+` before them, and some lines around. */
export function renderDiff(before: string, after: string, paint: Paint): string[] {
  // 1 stands for a line that goes, -1 for one that comes. https://nodejs.org/api/util.html#utildiffactual-expected
  const entries = diff(toLines(before), toLines(after));
  const isNear = (index: number) =>
    entries.slice(Math.max(0, index - context), index + context + 1).some(([kind]) => kind !== 0);
  const lines: string[] = [];
  let isCut = false;
  for (const [index, [kind, line]] of entries.entries()) {
    if (kind === 0 && !isNear(index)) {
      if (!isCut) lines.push(paint("quiet", "  …"));
      isCut = true;
      continue;
    }
    isCut = false;
    if (kind === 0) lines.push(`    ${line}`);
    else lines.push(kind < 0 ? paint("good", `  + ${line}`) : paint("bad", `  - ${line}`));
  }
  return lines;
}
