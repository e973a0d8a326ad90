import type { PipelineSpec } from "./check.ts";
import type { Problem } from "./problem.ts";

const patterns: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a JSON Web Token", /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/],
  [
    "a connection string with its key",
    /\b(?:AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd)\s*=\s*[^;\s]{4,}/i,
  ],
  ["a shared access signature", /(?:^|[?&;\s])sig=[\w%+/=-]{16,}/i],
  ["an address with a password", /\b[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i],
  ["an access token", /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,})/],
  ["an access key", /\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{30,}|sk-[\w-]{20,})\b/],
];

const secretName = /(?:^|_)(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|ACCOUNT_?KEY|PRIVATE_?KEY)$/i;

/** Bits a character of a random base64 text of this length would have, less what chance takes away. */
const leastBitsPerCharacter = 4.2;

/** Shannon's entropy of the characters. https://en.wikipedia.org/wiki/Entropy_(information_theory) */
function measureEntropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce(
    (bits, count) => bits - (count / text.length) * Math.log2(count / text.length),
    0,
  );
}

/** Whether a text has a word like those that keys are: long, of every kind of character, in no order. Digests, which are public, have no capitals. */
function hasRandomWord(text: string): boolean {
  const words = text.match(/[A-Za-z0-9+/_-]{32,}={0,2}/g) ?? [];
  return words.some(
    (word) =>
      [/[a-z].*[a-z]/, /[A-Z].*[A-Z]/, /\d.*\d/].every((kind) => kind.test(word)) &&
      measureEntropy(word) >= leastBitsPerCharacter,
  );
}

/**
 * Says as what a text looks like a secret.
 *
 * @param name of the setting, where there is one
 */
export function findSecret(text: string, name = ""): string | undefined {
  const known = patterns.find(([, pattern]) => pattern.test(text));
  if (known !== undefined) return known[0];
  if (secretName.test(name) && text.length >= 4 && Number.isNaN(Number(text))) return "a secret, by its name";
  return hasRandomWord(text) ? "a key, by its randomness" : undefined;
}

/** Finds secrets in what everybody may read: settings and commands. The value itself is not repeated. */
export function checkSecrets({ modules }: PipelineSpec): Problem[] {
  return modules.flatMap(({ name, config, command }) => {
    const texts = [
      ...Object.entries(config).map(([key, text]) => ({ field: `config.${key}`, key, text })),
      ...command.map((text, index) => ({ field: `command[${index}]`, key: "", text })),
    ];
    return texts.flatMap(({ field, key, text }): Problem[] => {
      const what = findSecret(text, key);
      if (what === undefined) return [];
      const value = `${text.length} characters, not shown`;
      const rule = `looks like ${what} (${value}), which anybody could read there: refer to it under 'secrets'`;
      return [{ module: name, field, value, message: `module '${name}': ${field} ${rule}` }];
    });
  });
}
