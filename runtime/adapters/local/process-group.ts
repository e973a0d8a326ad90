import { setTimeout as delay } from "node:timers/promises";
import { findSystemErrorCode } from "../../contract/file-error.ts";
import { findStat, listProcessIds } from "./proc.ts";

/** How long killed processes may take to disappear; after that only the kernel holds them. */
const maxWaitMilliseconds = 1_000;

/**
 * Sends a signal to every process of a group.
 *
 * @param id process id of the group's leader, which may have ended
 * @returns false when the group has no process any more
 */
export function signalGroup(id: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-id, signal);
    return true;
  } catch (thrown) {
    // EPERM, on macOS: what is left of the group are zombies.
    const code = findSystemErrorCode(thrown);
    if (code === "ESRCH" || code === "EPERM") return false;
    throw thrown;
  }
}

/** Whether a process of the group may still do something; a zombie can't. */
function isAlive(id: number): boolean {
  if (!signalGroup(id, 0)) return false;
  if (process.platform !== "linux") return true;
  return listProcessIds().some((each) => {
    const stat = findStat(each);
    return stat?.group === id && !stat.isZombie;
  });
}

/** Kills what is left of a group and waits until it is gone, so that nothing writes to its files any more. */
export async function endGroup(id: number): Promise<void> {
  if (!signalGroup(id, "SIGKILL")) return;
  const deadline = performance.now() + maxWaitMilliseconds;
  // A process that is not our child can't be awaited: look again, soon and then less often.
  for (let wait = 1; isAlive(id) && performance.now() < deadline; wait = Math.min(50, wait * 2)) {
    await delay(wait);
  }
}
