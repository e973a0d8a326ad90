/** Text that is markup already. Only `html` makes it, so what comes from a flow is always escaped. */
class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type { Markup };

type Value = Markup | readonly Markup[] | string | number | undefined;

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function render(value: Value): string {
  if (value === undefined) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "string" || typeof value === "number")
    return String(value).replace(/[&<>"']/g, (character) => escapes[character] ?? "");
  return value.map(render).join("");
}

/**
 * Builds markup; every value that is not markup itself is escaped, also inside quoted attributes.
 *
 * @example
 * ```ts
 * html`<li title="${name}">${name}</li>`
 * ```
 */
export function html(texts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(String.raw({ raw: texts }, ...values.map(render)));
}

/** Marks a text of this program's own, such as its style sheet, as markup. */
export function trusted(text: string): Markup {
  return new Markup(text);
}
