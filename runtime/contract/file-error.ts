import { IonError } from "./errors.ts";

/** The code of an error that Node got from the system, e.g. `ENOENT`. */
export function findSystemErrorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string"
    ? thrown.code
    : undefined;
}

/**
 * Says a file system's error in Ion's words; an `IonError` passes through unchanged.
 *
 * @param doing what could not be done, e.g. `store blob 'a/b'`
 */
export function fileError(doing: string, thrown: unknown): IonError {
  if (thrown instanceof IonError) return thrown;
  const options = { cause: thrown };
  switch (findSystemErrorCode(thrown)) {
    case "ENOENT":
      return new IonError("not-found", `cannot ${doing}: there is no such file`, options);
    case "EEXIST":
      return new IonError("conflict", `cannot ${doing}: the path is taken`, options);
    case "ENOTDIR":
    case "EISDIR":
      return new IonError("conflict", `cannot ${doing}: one name can't be a file and a folder`, options);
    case "ENAMETOOLONG":
      return new IonError("invalid", `cannot ${doing}: a name is longer than the disk allows`, options);
    case "ELOOP":
      return new IonError(
        "invalid",
        `cannot ${doing}: it must be a regular file, not a symbolic link`,
        options,
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new IonError("denied", `cannot ${doing}: this user may not; check the folder's owner`, options);
    case "ENOSPC":
    case "EDQUOT":
      return new IonError("unavailable", `cannot ${doing}: the disk is full; free some space`, options);
    case "EFBIG":
      return new IonError("limit", `cannot ${doing}: it is larger than the disk's files may be`, options);
    default:
      return new IonError("unavailable", `cannot ${doing}: ${IonError.from(thrown).message}`, options);
  }
}
