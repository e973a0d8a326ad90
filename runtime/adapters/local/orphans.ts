import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { IonError } from "../../contract/errors.ts";
import { fileError, findSystemErrorCode } from "../../contract/file-error.ts";
import { findStat, listProcessIds, tryReadProc } from "./proc.ts";
import { signalGroup } from "./process-group.ts";
import { workFolder } from "./workspaces.ts";

/** How long killed processes may take to disappear. */
const maxWaitMilliseconds = 5_000;
const lookAgainMilliseconds = 10;
const maxListingBytes = 64 * 2 ** 20;

interface Process {
  readonly id: number;
  readonly group: number;
}

function listFromProc(marker: string): Process[] {
  const found: Process[] = [];
  const needle = Buffer.from(marker).toString("latin1");
  for (const id of listProcessIds()) {
    // A zombie's environment is empty already.
    if (tryReadProc(`${id}/environ`)?.includes(needle) !== true) continue;
    const stat = findStat(id);
    if (stat !== undefined) found.push({ id: Number(id), group: stat.group });
  }
  return found;
}

/** macOS and the BSDs; `e` shows the environment of one's own processes. */
async function listFromPs(marker: string): Promise<Process[]> {
  const { stdout } = await promisify(execFile)("ps", ["eww", "-axo", "pid=,pgid=,command="], {
    maxBuffer: maxListingBytes,
  });
  return stdout
    .split("\n")
    .filter((line) => line.includes(marker))
    .map((line) => {
      const [id, group] = line.trim().split(/\s+/);
      return { id: Number(id), group: Number(group) };
    });
}

async function listOrphans(marker: string): Promise<Process[]> {
  const found = process.platform === "linux" ? listFromProc(marker) : await listFromPs(marker);
  return found.filter(({ id }) => id !== process.pid);
}

function killOne(id: number): void {
  try {
    process.kill(id, "SIGKILL");
  } catch (thrown) {
    if (findSystemErrorCode(thrown) !== "ESRCH") throw thrown;
  }
}

function kill({ id, group }: Process, ownGroup: number | undefined): void {
  if (group > 1 && group !== ownGroup) signalGroup(group, "SIGKILL");
  killOne(id);
}

async function findOwnGroup(): Promise<number | undefined> {
  const stat = findStat("self");
  if (stat !== undefined) return stat.group;
  const { stdout } = await promisify(execFile)("ps", ["-o", "pgid=", "-p", String(process.pid)]);
  return Number(stdout.trim());
}

async function killAll(marker: string): Promise<number> {
  const ownGroup = await findOwnGroup();
  const killed = new Set<number>();
  const deadline = performance.now() + maxWaitMilliseconds;
  for (;;) {
    const orphans = await listOrphans(marker);
    if (orphans.length === 0) return killed.size;
    if (performance.now() > deadline) {
      const ids = orphans.map(({ id }) => id).join(", ");
      throw new IonError(
        "unavailable",
        `cannot end the processes ${ids} of an earlier runtime: end them by hand`,
      );
    }
    for (const orphan of orphans) {
      kill(orphan, ownGroup);
      killed.add(orphan.id);
    }
    // Not our children, so nothing tells their end; looking again also finds what they forked meanwhile.
    await delay(lookAgainMilliseconds);
  }
}

/**
 * Ends what an earlier runtime left running in a data folder when it crashed, and removes its
 * workspaces. To be called before anything starts; such processes are told by `ION_DIR` in their environment.
 *
 * @returns how many processes there were
 * @throws IonError `unavailable` when a process doesn't end within 5 s; `denied` when a folder can't be removed
 */
export async function endOrphans(folder: string): Promise<number> {
  const work = workFolder(folder);
  const count = await killAll(`ION_DIR=${work}/`);
  try {
    await rm(work, { recursive: true, force: true });
  } catch (thrown) {
    throw fileError(`remove the folder '${work}'`, thrown);
  }
  return count;
}
