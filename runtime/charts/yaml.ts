import type { KubernetesObject } from "./props.ts";

/** Texts that any parser reads as themselves, whatever its version of YAML, bar the words below. */
const plain = /^[A-Za-z/](?:[\w./-]|:(?=[\w./-]))*$/;

/** Words that some parser reads as a boolean, as null, or, an exponent without its number, as a float. https://yaml.org/type/bool.html */
const words = /^(?:y|n|yes|no|on|off|true|false|null|e-?\d+)$/i;

/** Texts that a literal block says as they are: lines with something on them, the first not indented, one end of line at the end. */
const literal = /^(?! )(?:[^\n\r\t\p{C}\u2028\u2029]*[^\s\p{C}]\n)+$/u;

/** Characters that JSON may have in a text and that parsers of YAML refuse, or read as an end of line. https://yaml.org/spec/1.2.2/#51-character-set */
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

const escapeCharacter = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Says a text on one line. A JSON text is a double-quoted scalar of YAML. https://yaml.org/spec/1.2.2/#731-double-quoted-style */
const sayKey = (text: string): string =>
  plain.test(text) && !words.test(text)
    ? text
    : JSON.stringify(text).replaceAll(unprintable, escapeCharacter);

function sayText(text: string, indent: string): string {
  if (!literal.test(text)) return sayKey(text);
  return `|\n${indent}  ${text.trimEnd().replaceAll("\n", `\n${indent}  `)}`;
}

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

/** Says a value after its key or dash, which stand at the indent. */
function sayAfter(value: unknown, indent: string): string {
  if (typeof value === "string") return ` ${sayText(value, indent)}`;
  if (typeof value !== "object" || value === null || isEmpty(value)) return ` ${JSON.stringify(value)}`;
  return `\n${say(value, `${indent}  `)}`;
}

function sayItem(item: unknown, indent: string): string {
  if (typeof item !== "object" || item === null || Array.isArray(item) || isEmpty(item))
    return `${indent}-${sayAfter(item, indent)}`;
  // The first key stands behind the dash.
  return `${indent}- ${say(item, `${indent}  `).trimStart()}`;
}

/** Says a collection that is not empty, on lines of its own. */
function say(value: object, indent: string): string {
  if (Array.isArray(value)) return value.map((item: unknown) => sayItem(item, indent)).join("\n");
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([key, inner]) => `${indent}${sayKey(key)}:${sayAfter(inner, indent)}`)
    .join("\n");
}

/**
 * Says objects as one YAML file, a document each.
 *
 * Of its own, as 500 modules' manifests are 10 MB, which the general library takes seconds for.
 */
export function toYaml(objects: readonly KubernetesObject[]): string {
  return objects.map((object) => `${say(object, "")}\n`).join("---\n");
}
