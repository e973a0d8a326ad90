import { existsSync, mkdirSync, rmSync } from "node:fs";
import { IonError } from "../contract/errors.ts";

function explain(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  switch (code) {
    case "EEXIST":
    case "ENOTDIR":
      return "there is a file where a folder must be";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "this user may not make it";
    default:
      return IonError.from(thrown).message;
  }
}

/**
 * Makes the data folder, if it isn't there.
 *
 * @returns how to undo that: a start that fails leaves nothing behind
 * @throws IonError `invalid` when it can't be made
 */
export function makeDataFolder(folder: string): () => void {
  const isNew = !existsSync(folder);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new IonError(
      "invalid",
      `cannot keep data in '${folder}': ${explain(cause)}; name another folder with --data`,
      { cause },
    );
  }
  return () => {
    if (isNew) rmSync(folder, { recursive: true, force: true });
  };
}
