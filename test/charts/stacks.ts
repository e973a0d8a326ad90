import type { Stack } from "../../runtime/charts/props.ts";
import type { PipelineSpec } from "../../runtime/contract/check.ts";

/** An image by a digest that is all one digit. */
export const image = (name: string, digit = "a"): string =>
  `registry.example/${name}@sha256:${digit.repeat(64)}`;

const clientId = (digit: number): string => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`;

export const azure: Stack["azure"] = {
  tenantId: clientId(9),
  serviceBusNamespace: "ion-example",
  blobEndpoint: "https://ionexample.blob.core.windows.net",
  cosmosEndpoint: "https://ionexample.documents.azure.com:443/",
  batchEndpoint: "https://ionexample.westeurope.batch.azure.com",
  clientIds: {
    gateway: clientId(1),
    management: clientId(2),
    sweeper: clientId(3),
    dispatcher: clientId(4),
    job: clientId(5),
    keda: clientId(6),
  },
};

/** A stack that says no more than it must. */
export const plainStack = (pipeline: PipelineSpec): Stack => ({
  name: "dev",
  runtimeImage: image("ion", "0"),
  images: Object.fromEntries(pipeline.modules.map(({ name }) => [name, image(name)])),
  azure,
});
