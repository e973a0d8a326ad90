import { PermanentError } from "./errors.ts";

/** The module's settings: what its declaration says under `config` and `secrets`, read with the type they have. */
export interface Config {
  /** @throws PermanentError when the setting is not declared */
  text(name: string): string;
  /** @throws PermanentError when the setting is no number of at least 0 */
  number(name: string): number;
  /** @throws PermanentError when the setting is neither `true` nor `false` */
  flag(name: string): boolean;
}

const configError = 78;

/**
 * Reads settings from the environment, where Ion puts them, else from the declaration.
 *
 * @param declared the declaration's `config`
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  declared: Readonly<Record<string, string>>,
): Config {
  const text = (name: string): string => {
    const value = environment[name] ?? declared[name];
    if (value !== undefined) return value;
    throw new PermanentError(
      `setting '${name}' is not set: name it in the declaration's 'config' or 'secrets'`,
      {
        exitCode: configError,
      },
    );
  };
  const refuse = (name: string, rule: string): PermanentError =>
    new PermanentError(`setting '${name}' must be ${rule}: it is '${text(name)}'`, { exitCode: configError });
  return {
    text,
    number(name) {
      const value = Number(text(name));
      if (text(name).trim() === "" || !Number.isFinite(value) || value < 0) {
        throw refuse(name, "a number of at least 0");
      }
      return value;
    },
    flag(name) {
      if (text(name) === "true") return true;
      if (text(name) === "false") return false;
      throw refuse(name, "'true' or 'false'");
    },
  };
}
