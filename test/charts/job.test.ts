import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jobName } from "../../runtime/charts/fill-job.ts";
import { escapeDollars } from "../../runtime/charts/job.ts";
import { attempt, findJob, getManifest, listContainers, readPod, rendered } from "./rendered.ts";

const job = findJob(getManifest(rendered[1]?.manifests ?? [], "full"));
assert.ok(job);
const pod = readPod(job);

test("an attempt's Job has one name, which no other attempt has", () => {
  const first = attempt("full");
  assert.equal(jobName(first), jobName({ ...first }));
  const others = [{ attempt: 3 }, { executionId: "other" }, { module: "plain" }];
  for (const other of others) assert.notEqual(jobName({ ...first, ...other }), jobName(first));
  assert.ok(jobName({ ...first, module: "m".repeat(40) }).length <= 63);
});

test("a Job's pod says which execution it is, in a label to select by and in annotations to read", () => {
  const { executionId } = attempt("full");
  assert.equal(job.metadata.labels?.["ion/execution"], executionId);
  assert.equal(pod.metadata.labels["ion/execution"], executionId);
  assert.partialDeepStrictEqual(pod.metadata.annotations, {
    "ion/execution": executionId,
    "ion/attempt": "2",
    "ion/event": attempt("full").eventId,
    "ion/flow": attempt("full").correlationId,
  });
});

test("the module finds in its environment what it finds on a laptop", () => {
  const module = listContainers(pod).find(({ name }) => name === "module");
  assert.deepEqual(
    module?.env.map(({ name }) => name),
    [
      "PRICE",
      "NOTE",
      "LINES",
      "TOKEN",
      "HOME",
      "TMPDIR",
      "ION_DIR",
      "HANDLER_BASE_DIR",
      "ION_MODULE",
      "ION_EXECUTION_ID",
      "ION_ATTEMPT",
      "ION_EVENT_ID",
      "ION_CORRELATION_ID",
    ],
  );
});

test("a Job is never tried again by Kubernetes, ends in time, and says when its node was taken", () => {
  assert.partialDeepStrictEqual(job.spec, {
    backoffLimit: 0,
    activeDeadlineSeconds: 90 + 3_600,
    ttlSecondsAfterFinished: 3_600,
    podFailurePolicy: {
      rules: [{ action: "FailJob", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }],
    },
  });
  assert.equal(pod.spec.terminationGracePeriodSeconds, 10);
});

/** As Kubernetes expands a value: `$$` is `$`, and `$(NAME)` what the variable holds. https://github.com/kubernetes/kubernetes/blob/master/third_party/forked/golang/expansion/expand.go */
const expand = (text: string): string =>
  text.replaceAll(/\$(\$|\([^)]*\))/g, (_match, next: string) => (next === "$" ? "$" : "expanded"));

test("a config value and a command's word come to the program as they were declared", () => {
  const module = listContainers(pod).find(({ name }) => name === "module");
  assert.equal(module?.env.find(({ name }) => name === "PRICE")?.value, "5 $$ or $$(HOME)");
  assert.deepEqual(module?.command, ["python3", "main.py", "--price", "$$(PRICE)"]);
  const text = fc.string({ unit: fc.constantFrom("$", "(", ")", "A", " ") });
  fc.assert(fc.property(text, (value) => assert.equal(expand(escapeDollars(value)), value)));
});
