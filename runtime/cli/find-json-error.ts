const markPattern = /[{}[\]:,]/;
const wordPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/;
const textPattern = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/u;
const token = new RegExp(
  `[ \\t\\n\\r]*(?:${markPattern.source}|${wordPattern.source}|${textPattern.source})`,
  "uy",
);
const space = /[ \t\n\r]*/y;

/** What may come next; `first` stands right after an opening bracket. */
type Expected = "value" | "first value" | "key" | "first key" | "colon" | "more" | "end";

function skipSpace(text: string, offset: number): number {
  space.lastIndex = offset;
  return offset + (space.exec(text)?.[0].length ?? 0);
}

/** Takes one token; answers what may follow it, or undefined when it must not stand there. */
function accept(expected: Expected, found: string, isText: boolean, open: string[]): Expected | undefined {
  const afterValue = (): Expected => (open.length === 0 ? "end" : "more");
  const close = (bracket: string): Expected | undefined =>
    open.pop() === bracket ? afterValue() : undefined;
  const wantsValue = expected === "value" || expected === "first value";
  const wantsKey = expected === "key" || expected === "first key";
  switch (found) {
    case "{":
    case "[":
      if (!wantsValue) return undefined;
      open.push(found);
      return found === "{" ? "first key" : "first value";
    case "}":
      return expected === "more" || expected === "first key" ? close("{") : undefined;
    case "]":
      return expected === "more" || expected === "first value" ? close("[") : undefined;
    case ",":
      return expected !== "more" ? undefined : open.at(-1) === "{" ? "key" : "value";
    case ":":
      return expected === "colon" ? "value" : undefined;
    default:
      if (wantsKey) return isText ? "colon" : undefined;
      return wantsValue ? afterValue() : undefined;
  }
}

/**
 * Finds the place where a text stops being JSON; `JSON.parse` tells it only for some errors.
 *
 * @returns line and column, from 1; undefined when the text is JSON
 */
export function findJsonError(text: string): { line: number; column: number } | undefined {
  const open: string[] = [];
  let expected: Expected | undefined = "value";
  let offset = 0;
  while (expected !== undefined) {
    const start = skipSpace(text, offset);
    if (start === text.length && expected === "end") return undefined;
    token.lastIndex = offset;
    const match = token.exec(text);
    const found = match?.[0].trim();
    offset = start;
    expected = found === undefined ? undefined : accept(expected, found, found.startsWith('"'), open);
    if (expected !== undefined) offset = token.lastIndex;
  }
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
