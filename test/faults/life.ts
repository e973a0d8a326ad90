import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FaultAnswer, FaultRequest, FaultSettings } from "./settings.ts";

const program = fileURLToPath(new URL("./platform-process.ts", import.meta.url));

type AnswerOf<Kind extends FaultAnswer["kind"]> = Extract<FaultAnswer, { kind: Kind }>;

/** One life of the platform, from its start to its death. */
export interface Life {
  readonly process: ChildProcess;
  /** Resolves with the next answer of a kind, or with undefined when the process dies before. */
  next<Kind extends FaultAnswer["kind"]>(kind: Kind): Promise<AnswerOf<Kind> | undefined>;
  onAnswer(listener: (answer: FaultAnswer) => void): void;
  ask(request: FaultRequest): void;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  readonly died: Promise<void>;
}

export function startLife(settings: FaultSettings, pipeline: "chain" | "all-ways"): Life {
  const child = fork(program, [JSON.stringify(settings), pipeline], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const died = once(child, "exit").then(() => {});
  const next = <Kind extends FaultAnswer["kind"]>(kind: Kind) =>
    new Promise<AnswerOf<Kind> | undefined>((resolve) => {
      const listen = (answer: FaultAnswer) => {
        if (answer.kind !== kind) return;
        child.off("message", listen);
        resolve(answer as AnswerOf<Kind>);
      };
      child.on("message", listen);
      void died.then(() => resolve(undefined));
    });
  return {
    process: child,
    next,
    died,
    onAnswer: (listener) => void child.on("message", listener),
    ask: (request) => {
      // A process that has just died can't be asked; who asks sees that it died.
      if (child.connected) child.send(request, () => {});
    },
    kill: async () => {
      child.kill("SIGKILL");
      await died;
    },
  };
}

/** Lets the platform finish, and says what every flow came to. */
export async function finishAndAudit(life: Life): Promise<{ audited: AnswerOf<"audited">; writes: number }> {
  const drained = life.next("drained");
  life.ask({ kind: "drain" });
  const { writes } = (await drained) ?? { writes: 0 };
  const audited = life.next("audited");
  life.ask({ kind: "audit" });
  const result = await audited;
  if (result === undefined) throw new Error("the platform died while it was to finish");
  life.ask({ kind: "stop" });
  await life.died;
  return { audited: result, writes };
}
