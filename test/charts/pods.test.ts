import assert from "node:assert/strict";
import { test } from "node:test";
import {
  componentOf,
  getPods,
  listContainers,
  listObjects,
  listPods,
  type Pod,
  rendered,
} from "./rendered.ts";

const seccompProfile = { type: "RuntimeDefault" };

const getModuleContainer = (pod: Pod) => {
  const found = listContainers(pod).find(({ name }) => name === "module");
  assert.ok(found, pod.owner);
  return found;
};

for (const { name, manifests } of rendered) {
  const pods = listPods(manifests);

  test(`${name}: the namespace enforces, audits and warns of restricted`, () => {
    const namespace = listObjects(manifests).find(({ kind }) => kind === "Namespace");
    for (const mode of ["enforce", "audit", "warn"]) {
      assert.equal(namespace?.metadata.labels?.[`pod-security.kubernetes.io/${mode}`], "restricted");
    }
  });

  test(`${name}: every pod and every container is restricted, with a root file system to read only`, () => {
    for (const pod of pods) {
      assert.partialDeepStrictEqual(pod.spec.securityContext, { runAsNonRoot: true, seccompProfile });
      for (const container of listContainers(pod)) {
        assert.deepEqual(
          container.securityContext,
          {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
            runAsUser: 65_532,
            seccompProfile,
          },
          `${pod.owner}, ${container.name}`,
        );
      }
    }
  });

  test(`${name}: no pod has a volume of its node or of a Secret`, () => {
    for (const { spec, owner } of pods) {
      for (const volume of spec.volumes) {
        assert.ok("emptyDir" in volume || "configMap" in volume, `${owner}: ${JSON.stringify(volume)}`);
      }
    }
  });

  test(`${name}: every container says what it needs and what it may use`, () => {
    for (const pod of pods) {
      for (const { resources, name: container } of listContainers(pod)) {
        for (const amount of ["cpu", "memory", "ephemeral-storage"]) {
          assert.ok(resources.requests[amount] !== undefined, `${pod.owner}, ${container}: ${amount}`);
          assert.ok(resources.limits[amount] !== undefined, `${pod.owner}, ${container}: ${amount}`);
        }
      }
    }
  });

  test(`${name}: every part answers whether it has started, lives and is ready`, () => {
    for (const pod of pods.filter((each) => componentOf(each) !== "job")) {
      for (const { startupProbe, livenessProbe, readinessProbe } of pod.spec.containers) {
        const at = (path: string) => ({ httpGet: { path, port: "health" } });
        assert.partialDeepStrictEqual(startupProbe, at("/healthz"));
        assert.partialDeepStrictEqual(livenessProbe, at("/healthz"));
        assert.partialDeepStrictEqual(readinessProbe, at("/readyz"));
      }
    }
  });

  test(`${name}: a job's module container gets no identity and no service account's token`, () => {
    for (const pod of getPods(manifests, "job")) {
      const { env, volumeMounts } = getModuleContainer(pod);
      assert.equal(pod.metadata.annotations["azure.workload.identity/skip-containers"], "module");
      assert.equal(pod.spec.automountServiceAccountToken, false);
      assert.deepEqual(
        volumeMounts.map(({ mountPath }) => mountPath),
        ["/ion", "/tmp"],
      );
      assert.deepEqual(
        env.filter((each) => each.name.startsWith("AZURE_")),
        [],
      );
    }
  });

  test(`${name}: a job's module container sees neither Ion's configuration nor its temporary files`, () => {
    for (const pod of getPods(manifests, "job")) {
      const volumes = getModuleContainer(pod).volumeMounts.map((each) => each.name);
      const others = listContainers(pod).filter((container) => container.name !== "module");
      const shared = others.flatMap(({ volumeMounts }) => volumeMounts.map((each) => each.name));
      assert.deepEqual(
        volumes.filter((volume) => shared.includes(volume)),
        ["workspace"],
      );
    }
  });

  test(`${name}: a job prepares, runs the module and commits, one after the other`, () => {
    for (const { spec } of getPods(manifests, "job")) {
      assert.deepEqual(
        spec.initContainers.map((container) => container.name),
        ["prepare", "module"],
      );
      assert.deepEqual(
        spec.containers.map((container) => container.name),
        ["commit"],
      );
    }
  });

  test(`${name}: no pod's environment lists the namespace's Services`, () => {
    for (const { spec } of pods) assert.equal(spec.enableServiceLinks, false);
  });

  test(`${name}: every image is named by its digest`, () => {
    for (const pod of pods) {
      for (const { image } of listContainers(pod)) assert.match(image, /@sha256:[0-9a-f]{64}$/);
    }
  });

  test(`${name}: no object is a Secret, or has a key or a connection string in it`, () => {
    assert.deepEqual(
      listObjects(manifests).filter(({ kind }) => kind === "Secret"),
      [],
    );
    const suspicious = /AccountKey=|SharedAccess|Endpoint=sb:|[?&]sig=|BEGIN [A-Z ]*PRIVATE KEY|password/i;
    for (const { file, yaml } of manifests) assert.doesNotMatch(yaml, suspicious, file);
  });
}

test("a module's secrets are references into a Secret that Ion doesn't make", () => {
  const [pod] = getPods(rendered[1]?.manifests ?? [], "job").filter(({ owner }) =>
    owner.startsWith("Job full-"),
  );
  assert.ok(pod);
  const token = getModuleContainer(pod).env.find(({ name }) => name === "TOKEN");
  assert.deepEqual(token, {
    name: "TOKEN",
    valueFrom: { secretKeyRef: { name: "full-secrets", key: "studio-token" } },
  });
});
