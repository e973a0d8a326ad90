import { styleText } from "node:util";

/** What a piece of output means; the colour follows from it. */
export type Tone = "good" | "bad" | "busy" | "quiet" | "strong";

const colours = { good: "green", bad: "red", busy: "yellow", quiet: "dim", strong: "bold" } as const;

/** Colours a text, or leaves it alone. */
export type Paint = (tone: Tone, text: string) => string;

/** @param colour whether the output shows colours */
export function makePaint(colour: boolean): Paint {
  return (tone, text) => (colour ? styleText(colours[tone], text, { validateStream: false }) : text);
}

const layoutControl = /[\t\n\r\v\f]+/g;
// Control characters move a terminal's cursor, and direction marks reorder what is read: no module may do either.
const hiddenCharacter = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Makes a text from outside safe to print on one line. */
export function toPrintable(text: string): string {
  return text.replace(layoutControl, " ").replace(hiddenCharacter, "\ufffd").trim();
}

const wideCharacter =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const joiningCharacter = /^(?:\p{M}|\u200d)$/u;

function measureCharacter(character: string): number {
  if (joiningCharacter.test(character)) return 0;
  return wideCharacter.test(character) ? 2 : 1;
}

/** How many terminal cells a text takes. */
export function measureText(text: string): number {
  let width = 0;
  for (const character of text) width += measureCharacter(character);
  return width;
}

/** Shortens a text to a number of cells; what is cut shows as `…`. */
export function clip(text: string, cells: number): string {
  if (measureText(text) <= cells) return text;
  let kept = "";
  let width = 1;
  for (const character of text) {
    width += measureCharacter(character);
    if (width > cells) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Fills a text with spaces up to a number of cells. */
export function padTo(text: string, cells: number): string {
  return text + " ".repeat(Math.max(0, cells - measureText(text)));
}

/** Breaks a text between words into lines of at most so many cells; a longer word is clipped. */
export function wrap(text: string, cells: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line === "" || measureText(longer) <= cells) {
      line = longer;
    } else {
      lines.push(clip(line, cells));
      line = word;
    }
  }
  return [...lines, clip(line, cells)];
}
