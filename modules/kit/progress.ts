/** Says how far the work is, in the line that Ion looks for. What is outside 0 to 1 is cut. */
export function formatProgress(fraction: number, message = ""): string {
  const done = Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
  return `::progress ${Math.floor(done * 100) / 100} ${message.replaceAll(/\s+/g, " ")}`.trimEnd();
}

/** Writes a line when there is something new to show: a tool may report hundreds of times a second. */
export function progressWriter(writeLine: (line: string) => void) {
  let last = "";
  return (fraction: number, message?: string): void => {
    const line = formatProgress(fraction, message);
    if (line !== last) writeLine(line);
    last = line;
  };
}
