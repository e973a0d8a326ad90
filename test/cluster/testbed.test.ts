import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { readMessage } from "./client.ts";
import { type Applier, applier, dryRunPod, findPod } from "./objects.ts";
import {
  defaultAccount,
  deployment,
  namespace,
  pod,
  podSpec,
  scaledObject,
  unrestricted,
} from "./restricted.ts";
import { findSkipReason, startCluster } from "./start.ts";
import type { Testbed } from "./testbed.ts";

suite("the test bed's API server", { skip: await findSkipReason() }, () => {
  let testbed: Testbed;
  let cluster: Applier;

  before(async () => {
    testbed = await startCluster();
    cluster = applier(testbed.client);
    await cluster.apply(namespace);
    await cluster.apply(defaultAccount("by-hand"));
  });
  after(() => testbed?.stop());

  test("is the version that it was built from", async () => {
    const { body } = await testbed.client.request("/version");
    assert.equal((body as { gitVersion?: string }).gitVersion, testbed.version);
  });

  test("accepts a sound Deployment and a sound ScaledObject", async () => {
    for (const object of [deployment(), scaledObject()]) {
      const answer = await cluster.dryRun(object);
      assert.equal(answer.status, 201, readMessage(answer));
      assert.deepEqual(answer.warnings, []);
    }
  });

  test("stores nothing on a dry run", async () => {
    await cluster.dryRun(deployment());
    const { status } = await testbed.client.request(await cluster.path(deployment()));
    assert.equal(status, 404);
  });

  test("refuses a misspelt field, of its own kinds and of KEDA's", async () => {
    for (const object of [deployment({ replica: 2 }), scaledObject({ maxReplicasCount: 2 })]) {
      const answer = await cluster.dryRun(object);
      assert.ok(answer.status >= 400, `${answer.status}`);
      assert.match(readMessage(answer), /\.spec\.(replica|maxReplicasCount)\b/);
    }
  });

  test("refuses a value of the wrong type or against a rule", async () => {
    const wrong = [
      deployment({ replicas: "two" }),
      deployment({ selector: { matchLabels: { app: "other" } } }),
      scaledObject({ triggers: [{ metadata: {} }] }),
    ];
    for (const object of wrong) {
      const { status } = await cluster.dryRun(object);
      assert.ok(status >= 400, `${status} for ${JSON.stringify(object)}`);
    }
  });

  test("warns of what is deprecated", async () => {
    const { warnings } = await cluster.dryRun({
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { name: "main", namespace: "by-hand" },
    });
    assert.match(warnings.join(), /Endpoints is deprecated/);
  });

  test("admits a restricted pod", async () => {
    const answer = await dryRunPod(testbed.client, pod(podSpec()));
    assert.equal(answer.status, 201, readMessage(answer));
    assert.deepEqual(answer.warnings, []);
  });

  for (const { why, spec } of unrestricted) {
    test(`refuses a pod for ${why}`, async () => {
      const answer = await dryRunPod(testbed.client, pod(spec));
      assert.equal(answer.status, 403);
      assert.match(readMessage(answer), /violates PodSecurity "restricted:latest"/);
      assert.ok(readMessage(answer).includes(why), readMessage(answer));
    });
  }

  test("accepts a Deployment whose pods it will refuse, so that pods must be tried themselves", async () => {
    const template = { metadata: { labels: { app: "main" } }, spec: podSpec({ hostNetwork: true }) };
    const object = deployment({ template });
    assert.equal((await cluster.dryRun(object)).status, 201);
    const created = findPod(object);
    assert.ok(created);
    assert.equal((await dryRunPod(testbed.client, created)).status, 403);
  });
});
