import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { z } from "zod";
import { fillJob } from "../../runtime/charts/fill-job.ts";
import type { JobTemplate } from "../../runtime/charts/job.ts";
import type { ChartProps, KubernetesObject } from "../../runtime/charts/props.ts";
import { renderManifests } from "../../runtime/charts/render.ts";
import { listRights, serviceAccount, tryCreate } from "./access.ts";
import { type Answer, readMessage } from "./client.ts";
import { type Applier, applier, describeObject, dryRunPod, findPod, setQuotaStatus } from "./objects.ts";
import { defaultAccount, job, pod, podSpec } from "./restricted.ts";
import { allOptions, sample } from "./stacks.ts";
import { findSkipReason, startCluster } from "./start.ts";
import type { Testbed } from "./testbed.ts";

type Component = "gateway" | "management" | "sweeper" | "dispatcher" | "job";

const keep = (resource: string): string[] =>
  ["create", "delete", "get", "list", "patch", "watch"].map((verb) => `${verb} ${resource}`);

/** All that each part's service account may do, in its own namespace; elsewhere none may do anything. */
const rights: Record<Component, readonly string[]> = {
  gateway: [],
  sweeper: [],
  job: [],
  dispatcher: [
    "create jobs.batch",
    "delete jobs.batch",
    "get jobs.batch",
    "list jobs.batch",
    "watch jobs.batch",
    "get pods",
    "list pods",
    "watch pods",
    "get pods/log",
  ],
  management: [
    ...keep("deployments.apps"),
    ...keep("configmaps"),
    ...keep("serviceaccounts"),
    ...keep("networkpolicies.networking.k8s.io"),
    ...keep("scaledobjects.keda.sh"),
    ...keep("triggerauthentications.keda.sh"),
    ...keep("rolebindings.rbac.authorization.k8s.io"),
    "bind roles.rbac.authorization.k8s.io dispatcher",
    "get pods",
    "list pods",
    "watch pods",
    "get pods/log",
  ],
};

/** Which part an account is of: its name is `dispatcher-<module>`, `job-<module>` or the part's. */
function componentOf(name: string): Component {
  const component = Object.keys(rights).find((part) => name === part || name.startsWith(`${part}-`));
  if (component === undefined) throw new Error(`Service account '${name}' is of no known part.`);
  return component as Component;
}

const isAccepted = ({ status }: Answer): boolean => status === 200 || status === 201;

const explain = (object: KubernetesObject, answer: Answer): string[] => [
  ...(isAccepted(answer) ? [] : [`${describeObject(object)}: ${answer.status} ${readMessage(answer)}`]),
  ...answer.warnings.map((warning) => `${describeObject(object)}: warning: ${warning}`),
];

const stored = z.object({ body: z.object({ metadata: z.object({ resourceVersion: z.string() }) }) });

/** Another one after every write. */
const readVersion = (answer: Answer | undefined): string =>
  stored.parse(answer).body.metadata.resourceVersion;

const configMap = z.object({ kind: z.literal("ConfigMap"), data: z.record(z.string(), z.string()) });

/** The jobs that dispatchers make of the templates that they find in their configuration. */
function listJobs(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.flatMap((object) => {
    const text = configMap.safeParse(object).data?.data["job.json"];
    if (text === undefined) return [];
    const template = JSON.parse(text) as JobTemplate;
    const module = object.metadata.name.replace(/^dispatcher-(.*)-[^-]*$/, "$1");
    const ids = { executionId: "e".repeat(40), eventId: "0".repeat(26), correlationId: "c".repeat(64) };
    const { metadata, ...filled } = fillJob(template, { module, attempt: 1, ...ids });
    return [{ ...filled, metadata: { ...metadata } }];
  });
}

function testManifests(title: string, props: ChartProps, getTestbed: () => Testbed): void {
  suite(`the manifests of ${title}`, () => {
    let testbed: Testbed;
    let cluster: Applier;
    let namespace: string;
    const manifests = renderManifests(props);
    const objects = manifests.flatMap((manifest) => manifest.objects);
    const ofKind = (kind: string): KubernetesObject[] => objects.filter((object) => object.kind === kind);
    const accounts = ofKind("ServiceAccount").map(({ metadata }) => metadata.name);
    const jobs = listJobs(objects);

    before(async () => {
      testbed = getTestbed();
      cluster = applier(testbed.client);
      const [own] = ofKind("Namespace");
      assert.ok(own, "there is a namespace");
      namespace = own.metadata.name;
      await cluster.apply(own);
      await cluster.apply(defaultAccount(namespace));
    });

    const findProblems = async (
      list: readonly KubernetesObject[],
      send: (object: KubernetesObject) => Promise<Answer>,
    ): Promise<string[]> => {
      assert.ok(list.length > 0, "there is something to try");
      return (await Promise.all(list.map(async (object) => explain(object, await send(object))))).flat();
    };

    test("name each object once", () => {
      const names = objects.map(
        ({ apiVersion, ...object }) => `${apiVersion} ${describeObject(object as KubernetesObject)}`,
      );
      assert.deepEqual(
        names.filter((name, index) => names.indexOf(name) !== index),
        [],
      );
    });

    test("are accepted as they are, with no warning", async () => {
      assert.deepEqual(await findProblems(objects, (object) => cluster.dryRun(object)), []);
    });

    test("change nothing when they are applied again", async () => {
      const first = await Promise.all(objects.map((object) => cluster.apply(object)));
      const again = await Promise.all(objects.map((object) => cluster.apply(object)));
      const changed = objects.filter((_, index) => readVersion(first[index]) !== readVersion(again[index]));
      assert.deepEqual(changed.map(describeObject), []);
    });

    suite("once applied", () => {
      before(async () => {
        for (const quota of ofKind("ResourceQuota"))
          await setQuotaStatus(testbed.client, await cluster.path(quota));
      });

      test("make pods that are admitted: Pod Security, quota, limits, accounts, priorities", async () => {
        const pods = [...objects, ...jobs].map(findPod).filter((found) => found !== undefined);
        assert.deepEqual(await findProblems(pods, (found) => dryRunPod(testbed.client, found)), []);
      });

      test("make a namespace in which a pod that is not restricted is refused", async () => {
        const privileged = { ...pod(podSpec({ hostNetwork: true })), metadata: { name: "main", namespace } };
        const answer = await dryRunPod(testbed.client, privileged);
        assert.equal(answer.status, 403);
        assert.match(readMessage(answer), /violates PodSecurity "restricted:latest"/);
      });

      test("give each service account its rights and no other, and none in another namespace", async () => {
        for (const name of accounts) {
          const account = serviceAccount(namespace, name);
          const own = await listRights(testbed.client, account, namespace);
          assert.deepEqual(own, [...rights[componentOf(name)]].sort(), `${name} in its namespace`);
          for (const other of ["default", "kube-system"]) {
            assert.deepEqual(await listRights(testbed.client, account, other), [], `${name} in ${other}`);
          }
        }
      });

      test("let a dispatcher create its module's jobs, in its namespace and nowhere else", async () => {
        for (const made of jobs) {
          const module = z.object({ metadata: z.object({ labels: z.record(z.string(), z.string()) }) });
          const name = module.parse(made).metadata.labels["app.kubernetes.io/name"];
          const dispatcher = serviceAccount(namespace, `dispatcher-${name}`);
          const own = await tryCreate(
            testbed.client,
            dispatcher,
            `/apis/batch/v1/namespaces/${namespace}/jobs`,
            made,
          );
          assert.deepEqual(explain(made, own), []);
          const elsewhere = await tryCreate(
            testbed.client,
            dispatcher,
            "/apis/batch/v1/namespaces/default/jobs",
            job("default"),
          );
          assert.equal(elsewhere.status, 403);
        }
      });

      test("let no other part create a job, a pod or read a secret", async () => {
        for (const name of accounts.filter((account) => componentOf(account) !== "dispatcher")) {
          const account = serviceAccount(namespace, name);
          const create = (path: string, body: unknown): Promise<Answer> =>
            tryCreate(testbed.client, account, path, body);
          const answers = await Promise.all([
            create(`/apis/batch/v1/namespaces/${namespace}/jobs`, job(namespace)),
            create(`/api/v1/namespaces/${namespace}/pods`, pod(podSpec())),
            testbed.client.request(`/api/v1/namespaces/${namespace}/secrets`, { as: account }),
          ]);
          assert.deepEqual(
            answers.map(({ status }) => status),
            [403, 403, 403],
            name,
          );
        }
      });

      test("let management apply every module's manifest", async () => {
        const management = serviceAccount(namespace, "management");
        const ofModules = manifests
          .filter(({ module }) => module !== undefined)
          .flatMap((manifest) => manifest.objects);
        assert.deepEqual(await findProblems(ofModules, (object) => cluster.dryRun(object, management)), []);
      });

      test("let management give away the dispatcher's rights and no others", async () => {
        const management = serviceAccount(namespace, "management");
        const bind = async (kind: string, name: string): Promise<number> => {
          const metadata = { name: "tried", namespace };
          const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind, name };
          const subjects = [{ kind: "ServiceAccount", name: "management", namespace }];
          const binding = {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "RoleBinding",
            metadata,
            roleRef,
            subjects,
          };
          const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`;
          return (await tryCreate(testbed.client, management, path, binding)).status;
        };
        assert.equal(await bind("Role", "dispatcher"), 201);
        assert.equal(await bind("ClusterRole", "cluster-admin"), 403);
        // All that `view` is made of, by a controller that doesn't run here.
        assert.equal(await bind("ClusterRole", "system:aggregate-to-view"), 403);
      });
    });
  });
}

suite("a cluster", { skip: await findSkipReason() }, () => {
  let testbed: Testbed;
  before(async () => {
    testbed = await startCluster();
  });
  after(() => testbed?.stop());

  testManifests("the sample pipeline", sample, () => testbed);
  testManifests("a pipeline with every option", allOptions, () => testbed);
});
