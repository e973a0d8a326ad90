import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../charts/props.ts";
import type { ManifestChange } from "../cli/declarations.ts";
import { IonError } from "../contract/errors.ts";
import { fileError } from "../contract/file-error.ts";

/** The first line of every file that is made here: no other file is ever changed or removed. */
const marker = "# Made by 'ion synth': change the declarations, not this file.\n";

/** The files of manifests in a folder, and their content. */
function readMade(folder: string): Map<string, string> {
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith(".yaml"),
  );
  const texts = files.map(({ name }): [string, string] => [name, readFileSync(join(folder, name), "utf8")]);
  return new Map(texts.filter(([, text]) => text.startsWith(marker)));
}

function toChange(file: string, before: string | undefined, after: string | undefined): ManifestChange {
  const kind =
    before === undefined
      ? "created"
      : after === undefined
        ? "removed"
        : before === after
          ? "unchanged"
          : "changed";
  return { file, kind, before: before ?? "", after: after ?? "" };
}

/**
 * Says what must be written so that a folder holds these manifests and none of before.
 *
 * @throws IonError `conflict` when a file that was not made here has the name of one that is to be
 */
export function planManifests(folder: string, manifests: readonly Manifest[]): ManifestChange[] {
  const before = readMade(folder);
  const after = new Map(manifests.map(({ file, yaml }) => [file, `${marker}${yaml}`]));
  const foreign = [...after.keys()].find((file) => !before.has(file) && existsSync(join(folder, file)));
  if (foreign !== undefined) {
    throw new IonError(
      "conflict",
      `cannot write '${join(folder, foreign)}': it is there and 'ion synth' has not made it; move it, or choose another folder with --out`,
    );
  }
  const files = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return files.map((file) => toChange(file, before.get(file), after.get(file)));
}

/**
 * Writes what was planned. Everything is written beside its place first, so that a full disk leaves
 * the folder as it was.
 *
 * @throws IonError when the folder can't be written
 */
export function writeManifests(folder: string, changes: readonly ManifestChange[]): void {
  const written = changes.filter(({ kind }) => kind === "created" || kind === "changed");
  const placeOf = (file: string) => join(folder, file);
  const beside = (file: string) => join(folder, `.${file}.new`);
  try {
    mkdirSync(folder, { recursive: true });
    for (const { file, after } of written) writeFileSync(beside(file), after);
    for (const { file } of written) renameSync(beside(file), placeOf(file));
    for (const { file, kind } of changes) if (kind === "removed") rmSync(placeOf(file));
  } catch (thrown) {
    for (const { file } of written) rmSync(beside(file), { force: true });
    throw fileError(`write manifests to '${folder}'`, thrown);
  }
}
