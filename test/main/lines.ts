import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** The lines that a program prints, to be waited for. */
export interface Lines {
  /** Everything so far. */
  readonly all: readonly string[];
  /**
   * The next line that matches, after the one that was found before.
   *
   * @throws Error with everything that was printed, when the streams end first
   */
  next(pattern: RegExp): Promise<RegExpMatchArray>;
}

export function readLines(streams: readonly Readable[]): Lines {
  const all: string[] = [];
  let change = Promise.withResolvers<void>();
  let open = streams.length;
  let seen = 0;
  const wake = () => {
    change.resolve();
    change = Promise.withResolvers<void>();
  };
  for (const input of streams) {
    const reader = createInterface({ input });
    reader.on("line", (line) => {
      all.push(line);
      wake();
    });
    void once(reader, "close").then(() => {
      open -= 1;
      wake();
    });
  }
  return {
    all,
    async next(pattern) {
      for (;;) {
        const line = all[seen];
        if (line !== undefined) {
          seen += 1;
          const match = line.match(pattern);
          if (match !== null) return match;
        } else if (open === 0) throw new Error(`no line matches ${pattern}:\n${all.join("\n")}`);
        else await change.promise;
      }
    },
  };
}
