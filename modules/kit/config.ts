import { configExitCode, PermanentError } from "./errors.ts";

/** Reads settings: what the declaration says under `config` and `secrets`. */
export interface Config {
  /** @throws PermanentError when the setting is not declared and there is no fallback */
  (name: string, fallback?: string): string;
  /** @throws PermanentError when the setting is no number of at least 0 */
  readonly number: (name: string, fallback?: number) => number;
  /** @throws PermanentError when the setting is neither `true` nor `false` */
  readonly flag: (name: string, fallback?: boolean) => boolean;
}

const refuse = (message: string): PermanentError => new PermanentError(message, { exitCode: configExitCode });

function parseNumber(name: string, value: string): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number) && number >= 0) return number;
  throw refuse(`setting '${name}' must be a number of at least 0: it is '${value}'`);
}

function parseFlag(name: string, value: string): boolean {
  if (value === "true" || value === "false") return value === "true";
  throw refuse(`setting '${name}' must be 'true' or 'false': it is '${value}'`);
}

/** @param environment where Ion puts the settings */
export function openConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const text = (name: string, fallback?: string): string => {
    const value = environment[name] ?? fallback;
    if (value !== undefined) return value;
    throw refuse(`setting '${name}' is not set: name it in the declaration's 'config' or 'secrets'`);
  };
  return Object.assign(text, {
    number: (name: string, fallback?: number) => parseNumber(name, text(name, fallback?.toString())),
    flag: (name: string, fallback?: boolean) => parseFlag(name, text(name, fallback?.toString())),
  });
}
