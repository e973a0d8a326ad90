/**
 * Says how far the execution is, in the line that the executor looks for.
 *
 * @param fraction 0 to 1; what is outside is cut
 */
export function formatProgress(fraction: number, message = ""): string {
  const done = Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
  return `::progress ${Math.floor(done * 100) / 100} ${message.replaceAll(/\s+/g, " ")}`.trimEnd();
}

/** Writes a line when there is something new to show: a tool may report hundreds of times a second. */
export function progressWriter(
  writeLine: (line: string) => void,
): (fraction: number, message?: string) => void {
  let last = "";
  return (fraction, message) => {
    const line = formatProgress(fraction, message);
    if (line !== last) writeLine(line);
    last = line;
  };
}
