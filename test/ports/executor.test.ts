import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processExecutor } from "../../runtime/adapters/local/process-executor.ts";
import { memoryExecutor } from "../../runtime/adapters/memory/executor.ts";
import { seconds } from "../../runtime/contract/duration.ts";
import { type ExecutorUnderTest, executorSuite } from "./executor-suite.ts";

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

executorSuite("memoryExecutor()", async (): Promise<ExecutorUnderTest> => {
  const executor = memoryExecutor({
    parallel: 2,
    async run({ module }, signal) {
      const [task] = module.command;
      if (task === "wait") await aborted(signal);
      if (task === "wait") return { state: "lost", reason: "cancelled" };
      if (task !== "fail") return { state: "succeeded" };
      return {
        state: "failed",
        failure: { code: "exit-code", message: "exit 3", permanent: false, exitCode: 3 },
      };
    },
  });
  return { executor, commandOf: (task) => [task], parallel: 2, close: async () => {} };
});

executorSuite("processExecutor()", async (): Promise<ExecutorUnderTest> => {
  const folder = await mkdtemp(join(tmpdir(), "ion-executor-"));
  const executor = processExecutor({
    folder,
    projectFolder: folder,
    parallel: 2,
    prepare: async (_attempt, workspace) => {
      await mkdir(workspace, { recursive: true });
    },
    commit: async () => {},
    environment: { PATH: process.env.PATH },
    secrets: () => undefined,
  });
  const programs = {
    succeed: "exit 0",
    fail: "echo no such film >&2; exit 3",
    print: "echo out; echo err >&2",
    wait: "exec sleep 600",
  };
  return {
    executor,
    commandOf: (task) => ["sh", "-c", programs[task]],
    printed: "out\nerr\n",
    parallel: 2,
    async close() {
      await executor.stop(seconds(10));
      await rm(folder, { recursive: true });
    },
  };
});
