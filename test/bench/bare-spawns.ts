import { spawn } from "node:child_process";

/*
 * The baseline: spawns a program so many times, so many at once, and does nothing else. It is a
 * process of its own, as small as one that only spawns would be.
 */

const [count = "1", concurrency = "1", name = "", ...values] = process.argv.slice(2);
const file = name === "node" ? process.execPath : name;

function runOnce(): Promise<void> {
  const child = spawn(file, values, { stdio: "ignore" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
}

let left = Number(count);
async function work(): Promise<void> {
  while (left > 0) {
    left -= 1;
    await runOnce();
  }
}

const start = performance.now();
await Promise.all(Array.from({ length: Number(concurrency) }, work));
console.log(Number(count) / ((performance.now() - start) / 1000));
