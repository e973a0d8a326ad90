/** A fenced block of a document. */
export interface Snippet {
  /** What stands behind the fence, as words: `ts`, `run`. */
  readonly tags: readonly string[];
  /** Of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
}

const fence = /^(?<marks>`{3,})(?<info>[^\n`]*)\n(?<code>[\s\S]*?)^\k<marks>[ \t]*$/gm;

export function listSnippets(markdown: string): Snippet[] {
  return Array.from(markdown.matchAll(fence), ({ index, groups = {} }) => ({
    tags: (groups.info ?? "").split(/\s+/).filter((word) => word !== ""),
    line: markdown.slice(0, index).split("\n").length + 1,
    code: groups.code ?? "",
  }));
}

/** The document's links to files, relative to it; code is not looked at. */
export function listLinks(markdown: string): string[] {
  const prose = markdown.replace(fence, "").replace(/`[^`\n]*`/g, "");
  return Array.from(prose.matchAll(/\]\(\s*<?([^)\s>]+)/g), (match) => match[1] ?? "")
    .filter((target) => !/^(?:[a-z][a-z+.-]*:|#)/i.test(target))
    .map((target) => target.replace(/#.*$/, ""));
}

const forbidden: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a pointer outside the repository", /\.\.\/shared\b/],
  ["a path of somebody's machine", /(?:^|[\s"'`(=])\/(?:home|root|Users|work|mnt|tmp)\/[\w.-]+/m],
  [
    "the host of a registry or proxy",
    /https?:\/\/[^\s/"'`)]*(?:registry|artifactory|proxy|mirror)[^\s"'`)]*/i,
  ],
];

/** @returns what a document must not hold, with the words in question */
export function findForbiddenWords(markdown: string): string[] {
  return forbidden.flatMap(([what, pattern]) => {
    const found = pattern.exec(markdown)?.[0].trim();
    return found === undefined ? [] : [`${what}: ${found}`];
  });
}
