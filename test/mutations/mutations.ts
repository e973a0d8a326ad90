/** A line that keeps a promise, and what takes its place to see whether anybody notices. */
export interface Mutation {
  readonly promise: string;
  /** Relative to the repository. */
  readonly file: string;
  /** `from` stands in the file exactly once. */
  readonly replace: readonly [from: string, to: string];
  /** Relative to the repository; at least one of their cases has to fail. */
  readonly tests: readonly string[];
}

const tests = {
  decide: "test/dispatcher/decide.test.ts",
  settles: "test/dispatcher/settles.test.ts",
  restart: "test/dispatcher/restart.test.ts",
  concurrency: "test/dispatcher/concurrency.test.ts",
  platformErrors: "test/dispatcher/platform-errors.test.ts",
  replay: "test/dispatcher/replay.test.ts",
  commit: "test/job/commit.test.ts",
  race: "test/job/commit-race.test.ts",
  relay: "test/job/relay.test.ts",
  completion: "test/job/completion.test.ts",
  sweeper: "test/job/sweeper.test.ts",
} as const;

const identity: readonly Mutation[] = [
  {
    promise: "A repeated delivery is the same execution: its id derives from module and event.",
    file: "runtime/contract/ids.ts",
    replace: ["deriveId(module, eventId)", "deriveId(module, eventId, randomUUID())"],
    tests: [tests.restart],
  },
  {
    promise: "A repeated attempt makes the same children: their ids derive from execution and file name.",
    file: "runtime/contract/ids.ts",
    replace: ["deriveId(executionId, fileName)", "deriveId(executionId, fileName, randomUUID())"],
    tests: [tests.commit],
  },
];

const commit: readonly Mutation[] = [
  {
    promise: "Of all attempts of an execution one commits: the first to create the manifest.",
    file: "runtime/job/commit.ts",
    replace: [`[{ kind: "create", document: winner }`, `[{ kind: "put", document: winner }`],
    tests: [tests.race],
  },
  {
    promise: "Children of a commit are published after it.",
    file: "runtime/job/commit.ts",
    replace: ["  await relay(context, winner);\n", ""],
    tests: [tests.commit],
  },
  {
    promise: "The loser publishes what the winner could not.",
    file: "runtime/job/commit.ts",
    replace: ["  await relay(context, winner.document);\n", ""],
    tests: [tests.race],
  },
  {
    promise: "The loser takes its files away.",
    file: "runtime/job/commit.ts",
    replace: ["winner.document.attempt !== attempt.attempt", "false"],
    tests: [tests.race],
  },
  {
    promise: "An attempt that hears a conflict of its own commit keeps its files.",
    file: "runtime/job/commit.ts",
    replace: ["winner.document.attempt !== attempt.attempt", "true"],
    tests: [tests.race],
  },
  {
    promise: "An attempt that commits after its execution was buried changes nothing.",
    file: "runtime/dispatcher/execution.ts",
    replace: [`      { kind: "create", document: makeTombstone(executionId, document) },\n`, ""],
    tests: [tests.settles],
  },
  {
    promise: "A manifest is marked published only after the last of its children is.",
    file: "runtime/job/relay.ts",
    replace: [
      "  await publishInline(context, commit);\n",
      `  await markPublished(context.documents, "commit", commit.flow, commit.id);\n  await publishInline(context, commit);\n`,
    ],
    tests: [tests.relay],
  },
  {
    promise: "A relay that was cut off may be repeated, by anybody.",
    file: "runtime/job/relay.ts",
    replace: [`      kind: "put",\n`, `      kind: "create",\n`],
    tests: [tests.relay],
  },
];

const delivery: readonly Mutation[] = [
  {
    promise: "A message is completed after its run has succeeded.",
    file: "runtime/dispatcher/runs.ts",
    replace: ["    return ended;\n", `    return { key, state: "succeeded" };\n`],
    tests: [tests.settles],
  },
  {
    promise: "A redelivered message is completed after the children of its commit are published.",
    file: "runtime/dispatcher/execution.ts",
    replace: ["  if (commit !== undefined) await relay(commit.document);\n", ""],
    tests: [tests.settles],
  },
  {
    promise: "A redelivery joins the running attempt, it starts no second one.",
    file: "runtime/dispatcher/decide.ts",
    replace: [`      if (isRunning) return { kind: "join", document };\n`, ""],
    tests: [tests.restart],
  },
  {
    promise: "A redelivery joins an attempt that another dispatcher has started.",
    file: "runtime/dispatcher/runs.ts",
    replace: ["      if (!active.has(key)) await adopt();\n", ""],
    tests: [tests.restart],
  },
  {
    promise: "A redelivery leaves an attempt alone that another dispatcher is about to start.",
    file: "runtime/dispatcher/decide.ts",
    replace: ["document.attemptStartedAt >= arrivedAt", "false"],
    tests: [tests.restart],
  },
  {
    promise: "No more executions run at once than declared.",
    file: "runtime/dispatcher/slots.ts",
    replace: ["      while (used >= size) await wait();\n", ""],
    tests: [tests.concurrency],
  },
  {
    promise: "No more messages are taken than can run.",
    file: "runtime/dispatcher/slots.ts",
    replace: ["while (used >= size && !signal.aborted) await wait(signal);", ""],
    tests: [tests.concurrency],
  },
  {
    promise: "A stopping dispatcher hands back what it could not end within the bound.",
    file: "runtime/dispatcher/dispatcher.ts",
    replace: ["      isEnding = true;\n", ""],
    tests: [tests.concurrency],
  },
];

const retry: readonly Mutation[] = [
  {
    promise: "Interrupted and forgiven attempts use up none of the declared ones.",
    file: "runtime/dispatcher/decide.ts",
    replace: ["document.attempt - document.interruptions - document.forgiven", "document.attempt"],
    tests: [tests.decide],
  },
  {
    promise: "Interruptions have a cap of their own.",
    file: "runtime/dispatcher/decide.ts",
    replace: ["document.interruptions >= maxInterruptions", "false"],
    tests: [tests.decide],
  },
  {
    promise: "A permanent failure is a dead letter at once.",
    file: "runtime/dispatcher/decide.ts",
    replace: ["end.failure.permanent || ", ""],
    tests: [tests.settles],
  },
  {
    promise: "An attempt begins no sooner than its backoff says.",
    file: "runtime/dispatcher/decide.ts",
    replace: [`      if (milliseconds > 0) return { kind: "wait", milliseconds };\n`, ""],
    tests: [tests.settles],
  },
  {
    promise: "An executor that is away uses up no attempt and loses no message.",
    file: "runtime/dispatcher/execution.ts",
    replace: [`if (!hasCode(error, "unavailable") || intake.aborted) throw error;`, "throw error;"],
    tests: [tests.platformErrors],
  },
  {
    promise: "After a replay the attempts start afresh.",
    file: "runtime/dispatcher/replay.ts",
    replace: ["forgiven: document.attempt, ", ""],
    tests: [tests.replay],
  },
];

const completion: readonly Mutation[] = [
  {
    promise: "The end of a flow is raised once, however many see it.",
    file: "runtime/job/completion.ts",
    replace: [
      `        { kind: "create", document: completed },\n        {\n          kind: "create",`,
      `        { kind: "put", document: completed },\n        {\n          kind: "put",`,
    ],
    tests: [tests.completion],
  },
  {
    promise: "Counters that are read one after the other add up to no zero that never was.",
    file: "runtime/job/completion.ts",
    replace: ["context.documents.limits.counterShards > 1 && ", "false && "],
    tests: [tests.completion],
  },
  {
    promise: "What a flow's end causes doesn't open the flow again.",
    file: "runtime/job/commit.ts",
    replace: ["  if (attempt.event.afterflow) return { trailing: routed - 1 };\n", ""],
    tests: [tests.completion],
  },
  {
    promise: "A replay opens the flow again, and its end is raised once more.",
    file: "runtime/dispatcher/replay.ts",
    replace: ["reopened: 1", "reopened: 0"],
    tests: [tests.replay],
  },
  {
    promise: "A flow is closed though whoever buried its last execution was cut off.",
    file: "runtime/dispatcher/execution.ts",
    replace: [
      "          await context.completeFlow(flow);\n          return decision;",
      "          return decision;",
    ],
    tests: [tests.settles],
  },
  {
    promise: "The sweeper publishes what nobody else has.",
    file: "runtime/job/sweeper.ts",
    replace: ["      return relay(context, document);\n", "      return;\n"],
    tests: [tests.sweeper],
  },
  {
    promise: "What can't be swept stops nothing else.",
    file: "runtime/job/sweeper.ts",
    replace: ["    await postpone(context, stored, sweepAfterMilliseconds);\n  }\n}", "  }\n}"],
    tests: [tests.sweeper],
  },
  {
    promise: "A flow whose time is over loses its files first, its documents then.",
    file: "runtime/job/sweeper.ts",
    replace: [
      "  await blobs.remove(flow);\n  await documents.removeFlow(flow);\n",
      "  await documents.removeFlow(flow);\n  await blobs.remove(flow);\n",
    ],
    tests: [tests.sweeper],
  },
];

/** Every promise that is guarded this way, grouped as the page about them is. */
export const mutations: Readonly<Record<string, readonly Mutation[]>> = {
  Identity: identity,
  Commit: commit,
  Delivery: delivery,
  Retry: retry,
  "Flow completion": completion,
};
