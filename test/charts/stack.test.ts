import assert from "node:assert/strict";
import { test } from "node:test";
import media from "../../modules/index.ts";
import type { Stack } from "../../runtime/charts/props.ts";
import { applyStack, checkStack } from "../../runtime/charts/stack.ts";
import { DeclarationError } from "../../runtime/contract/problem.ts";
import { allOptions, fullStack, image, plainStack } from "./pipelines.ts";

const pipeline = media.spec;
const stack = plainStack(pipeline);
const getModule = (name: string, on: Stack) =>
  applyStack(pipeline, on).modules.find((each) => each.name === name);

test("applyStack() changes what the stack names and leaves the declarations as they are", () => {
  const declared = structuredClone(allOptions);
  const [plain, full] = applyStack(allOptions, fullStack).modules;
  assert.deepEqual(allOptions, declared);
  assert.partialDeepStrictEqual(plain, {
    image: image("plain", "c"),
    concurrency: 2,
    scale: { min: 2, max: 3, targetQueueLength: 10 },
    config: { LEVEL: "high" },
    executor: { kind: "kubernetes", cpu: 0.25, memory: "64Mi" },
  });
  assert.deepEqual(full, declared.modules[1]);
});

test("resources are merged into an executor's options, and a process becomes a Job", () => {
  const resources = { memory: "2Gi" } as const;
  const changed: Stack = { ...stack, modules: { age: { resources }, transcoder: { resources } } };
  assert.deepEqual(getModule("age", changed)?.executor, { kind: "kubernetes", cpu: 1, memory: "2Gi" });
  assert.deepEqual(getModule("transcoder", changed)?.executor, {
    kind: "batch",
    gpu: 1,
    spot: true,
    memory: "2Gi",
  });
  assert.deepEqual(getModule("downloader", changed)?.executor, { kind: "kubernetes" });
});

const { batchEndpoint: _, ...withoutBatch } = stack.azure;

const broken: readonly {
  readonly what: string;
  readonly change: Partial<Stack>;
  readonly message: string;
}[] = [
  {
    what: "a runtime image by tag",
    change: { runtimeImage: "registry.example/ion:latest" },
    message:
      "stack 'dev': runtimeImage must be given by digest, as registry/name@sha256:<64 hexadecimal digits>: current value is 'registry.example/ion:latest'",
  },
  {
    what: "a module image by tag",
    change: { images: { ...stack.images, age: "age:1" } },
    message:
      "module 'age': image must be given by digest, as registry/name@sha256:<64 hexadecimal digits>, in the declaration or in images of stack 'dev': current value is 'age:1'",
  },
  {
    what: "overrides of a module that isn't there",
    change: { modules: { agee: { concurrency: 2 } } },
    message: "stack 'dev' names module 'agee' in modules.agee, which pipeline 'media' doesn't have",
  },
  {
    what: "a scale whose least is above its most",
    change: { modules: { age: { scale: { min: 3 } } } },
    message:
      "module 'age' is scaled from 3 to 1 at 10 waiting events in stack 'dev': whole numbers with 0 <= min <= max, max and targetQueueLength at least 1 are needed",
  },
  {
    what: "a module on Batch where there is none",
    change: { azure: withoutBatch },
    message:
      "module 'transcoder': executor is batch, but stack 'dev' has no azure.batchEndpoint: add it, or choose kubernetes",
  },
  {
    what: "a port that is none",
    change: { modules: { age: { egressPorts: [80, 65_536] } } },
    message:
      "module 'age': egressPorts of stack 'dev' must be whole numbers from 1 to 65535: current value is 65536",
  },
  {
    what: "an address without its range",
    change: { network: { apiServerRanges: ["10.0.0.1"] } },
    message:
      "stack 'dev' has '10.0.0.1' in network.apiServerRanges: write an IPv4 range, such as 10.0.0.0/16",
  },
  {
    what: "a name that no namespace can have",
    change: { name: "Dev" },
    message:
      "stack name 'Dev' is not an RFC 1123 label: use lower-case letters, digits and '-', with a letter or digit at both ends",
  },
];

for (const { what, change, message } of broken) {
  test(`checkStack() tells ${what}`, () => {
    const problems = checkStack(pipeline, { ...stack, ...change });
    assert.deepEqual(
      problems.map((problem) => problem.message),
      [message],
    );
  });
}

test("checkStack() tells a module that has no image", () => {
  const { images: _, ...without } = stack;
  const problems = checkStack(pipeline, without);
  assert.deepEqual(
    problems.map(({ module, field }) => `${module} ${field}`),
    pipeline.modules.map(({ name }) => `${name} image`),
  );
});

test("applyStack() throws all that is broken at once", () => {
  const wrong = { ...stack, name: "Dev", runtimeImage: "ion" };
  assert.throws(
    () => applyStack(pipeline, wrong),
    (thrown) => thrown instanceof DeclarationError && thrown.problems.length === 2,
  );
});
