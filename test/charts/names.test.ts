import assert from "node:assert/strict";
import { test } from "node:test";
import { labelVersion, moduleNames } from "../../runtime/charts/names.ts";
import { maxModuleNameLength } from "../../runtime/contract/limits.ts";
import { networkOf } from "./network-rules.ts";
import { getPods, listObjects, listPods, rendered } from "./rendered.ts";

const standardLabels = ["name", "part-of", "component", "version", "managed-by"];

for (const { name, manifests } of rendered) {
  const objects = listObjects(manifests);

  test(`${name}: no two Deployments, Services or budgets select the same pod`, () => {
    const pods = listPods(manifests);
    for (const kind of ["Deployment", "Service", "PodDisruptionBudget"]) {
      const selectors = objects
        .filter((object) => object.kind === kind)
        .map(({ spec }) => JSON.stringify(spec).match(/"(?:matchLabels|selector)":(\{[^{}]*\})/)?.[1] ?? "");
      assert.ok(selectors.length > 0);
      for (const pod of pods) {
        const matching = selectors.filter((text) =>
          Object.entries(JSON.parse(text)).every(([key, value]) => pod.metadata.labels[key] === value),
        );
        assert.ok(matching.length <= 1, `${pod.owner} is selected by ${matching.length} of ${kind}`);
      }
    }
  });

  test(`${name}: a job's network policy is for its own module's jobs`, () => {
    for (const { metadata } of getPods(manifests, "job")) {
      const others = { ...metadata.labels, "app.kubernetes.io/name": "another" };
      assert.equal(networkOf(objects, others).reaches({ address: "20.50.2.80" }, 443), false);
    }
  });

  test(`${name}: every object says what it is, of what, in which version, and who made it`, () => {
    for (const { kind, metadata } of objects) {
      const labels = Object.keys(metadata.labels ?? {});
      // What all parts share has no component.
      const isShared = metadata.labels?.["app.kubernetes.io/name"] === "ion";
      for (const label of standardLabels.filter((each) => each !== "component" || !isShared)) {
        assert.ok(labels.includes(`app.kubernetes.io/${label}`), `${kind} '${metadata.name}': ${label}`);
      }
    }
  });

  test(`${name}: no two objects have one name, and all but cluster-wide ones are in the namespace`, () => {
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    assert.equal(new Set(names).size, names.length);
    for (const { kind, metadata } of objects) {
      const isClusterWide = kind === "Namespace" || kind === "PriorityClass";
      assert.equal(metadata.namespace === undefined, isClusterWide, `${kind} '${metadata.name}'`);
    }
  });
}

test("KEDA's own object for the longest module name still has at most 63 characters", () => {
  const longest = moduleNames.dispatcher("m".repeat(maxModuleNameLength));
  // https://keda.sh/docs/latest/reference/scaledobject-spec/#horizontalpodautoscalerconfig
  assert.ok(`keda-hpa-${longest}`.length <= 63);
});

test("a version is said as a label's value may be", () => {
  assert.equal(labelVersion("2.1.0+build 7"), "2.1.0-build-7");
  assert.equal(labelVersion("-a-"), "a");
  assert.equal(labelVersion(`${"a".repeat(62)}-b`), "a".repeat(62));
});
