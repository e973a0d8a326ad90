import assert from "node:assert/strict";
import { test } from "node:test";
import { networkOf, type Place } from "./network-rules.ts";
import { componentOf, getPods, listObjects, listPods, rendered } from "./rendered.ts";

const places = {
  metadata: { address: "169.254.169.254" },
  wireServer: { address: "168.63.129.16" },
  apiServer: { address: "10.0.0.1" },
  publicApiServer: { address: "20.1.2.3" },
  otherPod: { address: "10.244.3.7" },
  azure: { address: "20.50.2.80" },
  privateEndpoint: { address: "10.9.0.4" },
  dns: { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
} satisfies Record<string, Place>;

const [media, full] = rendered;
assert.ok(media && full);
const networks = (manifests: typeof media.manifests, component: string) =>
  getPods(manifests, component).map(({ metadata }) => networkOf(listObjects(manifests), metadata.labels));

for (const { name, manifests } of rendered) {
  const objects = listObjects(manifests);
  const all = listPods(manifests).map((pod) => ({
    owner: pod.owner,
    component: componentOf(pod),
    network: networkOf(objects, pod.metadata.labels),
  }));

  test(`${name}: no pod reaches the metadata address, a job's module among them`, () => {
    for (const { network, owner } of all) {
      for (const port of [80, 443, 5671, 32526]) {
        assert.equal(network.reaches(places.metadata, port), false, owner);
        assert.equal(network.reaches(places.wireServer, port), false, owner);
      }
    }
  });

  test(`${name}: a job reaches neither the API server nor another pod`, () => {
    for (const { network, owner } of all.filter(({ component }) => component === "job")) {
      for (const port of [80, 443, 6443, 8080]) {
        assert.equal(network.reaches(places.apiServer, port), false, owner);
        assert.equal(network.reaches(places.otherPod, port), false, owner);
      }
    }
  });

  test(`${name}: everybody resolves names`, () => {
    for (const { network, owner } of all) assert.equal(network.reaches(places.dns, 53), true, owner);
  });

  test(`${name}: nothing comes in but from the ingress controller to the gateway`, () => {
    const ingress = { namespace: name === "media" ? "app-routing-system" : "ingress", labels: {} };
    for (const { network, component, owner } of all) {
      assert.equal(network.isReachedBy(ingress, 8_080), component === "gateway", owner);
      for (const place of [{ namespace: "default", labels: {} }, places.otherPod]) {
        assert.equal(network.isReachedBy(place, 8_080), false, owner);
      }
    }
  });

  test(`${name}: a pod that is nobody's resolves names and reaches nothing else`, () => {
    const network = networkOf(objects, { app: "stranger" });
    assert.equal(network.reaches(places.dns, 53), true);
    assert.equal(network.reaches(places.azure, 443), false);
    assert.equal(network.isReachedBy(places.otherPod, 80), false);
  });
}

test("all parts reach Azure by HTTPS and AMQP over TLS", () => {
  for (const component of ["gateway", "management", "sweeper", "dispatcher", "job"]) {
    for (const network of networks(media.manifests, component)) {
      for (const port of [443, 5671, 5672])
        assert.equal(network.reaches(places.azure, port), true, component);
      assert.equal(network.reaches(places.azure, 80), false, component);
    }
  }
});

test("only dispatchers and management reach the API server", () => {
  for (const component of ["gateway", "management", "sweeper", "dispatcher", "job"]) {
    const isAllowed = component === "management" || component === "dispatcher";
    for (const network of networks(media.manifests, component)) {
      assert.equal(network.reaches(places.apiServer, 443), isAllowed, component);
    }
    for (const network of networks(full.manifests, component)) {
      assert.equal(network.reaches(places.publicApiServer, 443), isAllowed, component);
    }
  }
});

test("with private endpoints, Azure is in their subnet and the internet is closed", () => {
  for (const component of ["gateway", "dispatcher"]) {
    for (const network of networks(full.manifests, component)) {
      assert.equal(network.reaches(places.privateEndpoint, 5671), true);
      assert.equal(network.reaches(places.azure, 443), false);
    }
  }
});

test("a job reaches the internet on the ports that its stack names, and no other does", () => {
  for (const { metadata } of getPods(full.manifests, "job")) {
    const network = networkOf(listObjects(full.manifests), metadata.labels);
    const isNamed = metadata.labels["app.kubernetes.io/name"] === "plain";
    assert.equal(network.reaches(places.azure, 80), isNamed);
    assert.equal(network.reaches(places.azure, 443), isNamed);
    assert.equal(network.reaches(places.publicApiServer, 443), false);
  }
});
