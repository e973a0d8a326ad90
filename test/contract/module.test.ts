import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { IonError } from "../../runtime/contract/errors.ts";
import {
  batch,
  defineModule,
  event,
  kubernetes,
  type ModuleOptions,
  minutes,
  seconds,
} from "../../runtime/contract/index.ts";

const link = event("link", z.object({ url: z.string() }));

it("defineModule() fills in every default", () => {
  const { spec } = defineModule({ name: "fetch", on: link, command: ["node", "main.ts"] });
  assert.deepEqual(spec, {
    name: "fetch",
    on: [{ type: "link", filter: {} }],
    emits: [],
    joins: [],
    command: ["node", "main.ts"],
    executor: { kind: "process" },
    timeoutMilliseconds: 600_000,
    retry: {
      attempts: 3,
      minDelayMilliseconds: 1_000,
      maxDelayMilliseconds: 300_000,
      permanentExitCodes: [],
    },
    scale: { min: 0, max: 1, targetQueueLength: 10 },
    config: {},
    secrets: {},
    limits: { bytes: 64 * 2 ** 30, files: 20_000, events: 20_000 },
    retentionMilliseconds: 30 * 86_400_000,
  });
});

it("executors keep their options as plain data", () => {
  assert.deepEqual(kubernetes({ cpu: 0.5, memory: "512Mi" }), {
    kind: "kubernetes",
    cpu: 0.5,
    memory: "512Mi",
  });
  assert.deepEqual(batch({ gpu: 1, spot: true }), { kind: "batch", gpu: 1, spot: true });
});

type Options = ModuleOptions<string, typeof link, []>;

describe("defineModule() refuses", () => {
  const refused: readonly (readonly [what: string, options: Partial<Options>, message: string])[] = [
    [
      "a name",
      { name: "Fetch" },
      "module name 'Fetch' is not an RFC 1123 label: use lower-case letters, digits and '-', with a letter or digit at both ends",
    ],
    [
      "no attempts",
      { retry: { attempts: 0 } },
      "module 'fetch': retry.attempts must be a whole number of at least 1: current value is 0",
    ],
    [
      "half a concurrency",
      { concurrency: 1.5 },
      "module 'fetch': concurrency must be a whole number of at least 1: current value is 1.5",
    ],
    [
      "a negative limit",
      { limits: { files: -1 } },
      "module 'fetch': limits.files must be a whole number of at least 0: current value is -1",
    ],
    [
      "a scale upside down",
      { scale: { min: 3, max: 2 } },
      "module 'fetch': scale.max must be a whole number of at least 3: current value is 2",
    ],
    [
      "delays upside down",
      { retry: { minDelay: minutes(2), maxDelay: seconds(1) } },
      "module 'fetch': retry.minDelay must not be longer than retry.maxDelay: they are 120000 ms and 1000 ms",
    ],
    [
      "no time at all",
      { timeout: seconds(0) },
      "module 'fetch': timeout must be at least 1 ms: current value is 0 ms",
    ],
    [
      "exit code 0 as a failure",
      { retry: { permanentExitCodes: [0] } },
      "module 'fetch': retry.permanentExitCodes must be a whole number of at least 1: current value is 0",
    ],
    [
      "a variable that is none",
      { config: { "a-b": "1" } },
      "module 'fetch': config 'a-b' can't name an environment variable: use letters, digits and '_', not beginning with a digit",
    ],
    [
      "a variable of Ion's",
      { secrets: { ION_DIR: { name: "x" } } },
      "module 'fetch': secrets 'ION_DIR' is set by Ion itself: choose another name",
    ],
  ];
  for (const [what, options, message] of refused) {
    it(what, () => {
      assert.throws(
        () => defineModule({ name: "fetch", on: link, command: ["true"], ...options }),
        new IonError("invalid", message),
      );
    });
  }
});
