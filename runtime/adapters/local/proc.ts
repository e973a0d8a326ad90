import { readdirSync, readFileSync } from "node:fs";

/** What Linux says of a process. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
export interface ProcessStat {
  readonly group: number;
  /** It has ended, but nobody has asked how: in a container the first process often never does. */
  readonly isZombie: boolean;
}

export function tryReadProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, "latin1");
  } catch {
    // It has ended, or belongs to another user and so is none of ours.
    return undefined;
  }
}

export function findStat(id: string): ProcessStat | undefined {
  const stat = tryReadProc(`${id}/stat`);
  if (stat === undefined) return undefined;
  // The second field, the program's name in brackets, may itself hold spaces and brackets.
  const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { group: Number(group), isZombie: state === "Z" || state === "X" };
}

export function listProcessIds(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
}
