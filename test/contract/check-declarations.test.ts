import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { z } from "zod";
import { checkLimits } from "../../runtime/contract/check-limits.ts";
import { checkPools, type NodePool } from "../../runtime/contract/check-pools.ts";
import { findSecret } from "../../runtime/contract/check-secrets.ts";
import {
  batch,
  defineModule,
  type ExecutorSpec,
  event,
  gibibytes,
  kubernetes,
  pipeline,
  process,
} from "../../runtime/contract/index.ts";

const asked = event("asked", z.object({}));

const declare = (executor: ExecutorSpec) =>
  pipeline("p", [defineModule({ name: "m", on: asked, command: ["true"], executor })], { sources: [asked] })
    .spec;

const pools: readonly NodePool[] = [
  { name: "small", cpu: 2, memory: "4Gi", count: 1 },
  { name: "large", cpu: 8, memory: "2Gi", count: 1 },
  { name: "spot", cpu: 16, memory: gibibytes(64), gpu: 2, spot: true, count: 1 },
  { name: "empty", cpu: 64, memory: "1Ti", gpu: 8, count: 0 },
  { name: "tasks", executor: "batch", cpu: 4, memory: "8Gi", count: 1 },
];

describe("checkPools()", () => {
  for (const executor of [
    process(),
    kubernetes(),
    kubernetes({ cpu: 2, memory: "4Gi" }),
    kubernetes({ cpu: 16, memory: gibibytes(64), gpu: 2, spot: true }),
    batch({ cpu: 4, pool: "tasks" }),
  ]) {
    it(`takes ${JSON.stringify(executor)}`, () =>
      assert.deepEqual(checkPools(declare(executor), "dev", pools), []));
  }

  for (const [executor, field] of [
    [kubernetes({ cpu: 9 }), "executor.cpu"],
    [kubernetes({ cpu: 8, memory: "3Gi" }), "executor.memory"],
    [kubernetes({ gpu: 1 }), "executor.gpu"],
    [kubernetes({ gpu: 3, spot: true }), "executor.gpu"],
    [batch({ spot: true }), "executor.spot"],
    [batch({ pool: "small" }), "executor.pool"],
  ] as const) {
    it(`refuses ${JSON.stringify(executor)} for its ${field}`, () => {
      const found = checkPools(declare(executor), "dev", pools).map((problem) => problem.field);
      assert.deepEqual(found, [field]);
    });
  }

  it("refuses every job where there are no pools", () => {
    const [problem] = checkPools(declare(kubernetes()), "dev", []);
    assert.match(problem?.message ?? "", /stack 'dev' offers .*: the pools are none$|; the pools are none$/);
  });
});

it("a topic has at most 2,000 subscriptions", () => {
  const { spec } = defineModule({ name: "m", on: asked, command: ["true"] });
  const modules = Array.from({ length: 2_001 }, (_, number) => ({ ...spec, name: `m${number}` }));
  const pipelineSpec = { ...declare(process()), modules };
  assert.deepEqual(checkLimits(pipelineSpec), [
    {
      field: "on",
      value: "2001",
      message: "event type 'asked' has 2001 subscribing modules: a topic has at most 2000 subscriptions",
    },
  ]);
});

describe("findSecret() takes no offence at", () => {
  for (const [text, name] of [
    ["8589934592"],
    ["modules/faces/main.ts"],
    ["modules/TranscoderService2/main-Program1.ts/OtherFolder"],
    ["https://ann@example.org:8080/path?version=2024-01-01"],
    ["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["3f2504e0-4f89-11d3-9a0c-0305e82c3301"],
    ["4096", "MAX_TOKEN"],
    ["strict", "PASSWORD_POLICY"],
    ["", "API_KEY"],
  ] as const) {
    it(`${name ?? "a setting"} '${text}'`, () => assert.equal(findSecret(text, name), undefined));
  }
});

it("findSecret() finds almost every random key", () => {
  const keys = Array.from({ length: 500 }, () => randomBytes(32).toString("base64"));
  assert.ok(keys.filter((key) => findSecret(key) === undefined).length < 25);
});
