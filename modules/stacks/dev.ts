import type { Stack } from "ion/stack";

/** A small cluster to try things out. The names and ids stand for those of your own cloud. */
export default {
  name: "dev",
  runtimeImage:
    "iondev.azurecr.io/ion/runtime@sha256:71dbd63526d0e4a19ed503566fc81daeebf0bf2c492ab414c4b717660e7b4867",
  images: {
    age: "iondev.azurecr.io/ion/age@sha256:f7df0210f1b75b17ba632b3576a5fe1dd5d895573a3570150ecee51c907663c7",
    downloader:
      "iondev.azurecr.io/ion/downloader@sha256:e446cfb7d919a7b2aa265ea9c0438ba88b613e37bd119a83bf1921108f50b64a",
    expression:
      "iondev.azurecr.io/ion/expression@sha256:25bcd0c56388247ba208367b67da6b8437669c2736cc1068a79b047e28f91e89",
    faces:
      "iondev.azurecr.io/ion/faces@sha256:8cb96f0fdbd3ee5249965e406786fa4e18994c08e0711e73fc9668a60ac54fa3",
    frames:
      "iondev.azurecr.io/ion/frames@sha256:abead31fd833ce52e4f2de399f2699fa2d8b005003f584cb249c27ee7e201684",
    report:
      "iondev.azurecr.io/ion/report@sha256:a0b911884eed07f2f4330e0405feec9c8f1252ae7b9fb4fc57662ec4478336a5",
    transcoder:
      "iondev.azurecr.io/ion/transcoder@sha256:77559a8cc9803c583b26e7dc859227d0f89ae837654ebbe3aedbbfe17990e2ec",
  },
  azure: {
    tenantId: "00000000-0000-4000-8000-000000000001",
    serviceBusNamespace: "ion-dev",
    blobEndpoint: "https://iondev.blob.core.windows.net",
    cosmosEndpoint: "https://iondev.documents.azure.com:443/",
    batchEndpoint: "https://iondev.westeurope.batch.azure.com",
    clientIds: {
      gateway: "00000000-0000-4000-8000-000000000011",
      management: "00000000-0000-4000-8000-000000000012",
      sweeper: "00000000-0000-4000-8000-000000000013",
      dispatcher: "00000000-0000-4000-8000-000000000014",
      job: "00000000-0000-4000-8000-000000000015",
      keda: "00000000-0000-4000-8000-000000000016",
    },
  },
  gateway: { replicas: 1 },
  management: { replicas: 1 },
  pools: [
    { name: "jobs", cpu: 4, memory: "14Gi", count: 3 },
    { name: "media", executor: "batch", cpu: 6, memory: "50Gi", gpu: 1, spot: true, count: 1 },
  ],
} satisfies Stack;
