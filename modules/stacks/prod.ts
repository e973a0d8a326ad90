import type { Stack } from "ion/stack";

/** Where people's files are. The names and ids stand for those of your own cloud. */
export default {
  name: "prod",
  runtimeImage:
    "ionprod.azurecr.io/ion/runtime@sha256:6e6fd0d72725139b6386222b5d47db8ca5af22a503831be4f436fcecf0519efd",
  images: {
    age: "ionprod.azurecr.io/ion/age@sha256:eb70f099500c37daae4b99b90265e6c678840b9ec3e5c2dbdae4974acdc68714",
    downloader:
      "ionprod.azurecr.io/ion/downloader@sha256:cfd3b64f53de228e54a023ff603d1c0313509420d138f113cdad8d350eed7a8e",
    expression:
      "ionprod.azurecr.io/ion/expression@sha256:02eb80cc39e357d4ada8434eb7343e0ae545c65d6455456f1f0136c6f07b201a",
    faces:
      "ionprod.azurecr.io/ion/faces@sha256:5f31f7e038ac00d152af62be16ed20cc0edffb3c271fe881e8b5d4b1240b9661",
    frames:
      "ionprod.azurecr.io/ion/frames@sha256:3dbb670984b09665f4812b028b753e1da6e19a5696b0ecb0756357e041586359",
    report:
      "ionprod.azurecr.io/ion/report@sha256:77caac02ab3e3adf889b36e4a013de414390f87a49b1e0f136d92cc08e7f18eb",
    transcoder:
      "ionprod.azurecr.io/ion/transcoder@sha256:439170ab83304159d36600069ba65ec5f890c73215e4530b243fadf2a688f2af",
  },
  azure: {
    tenantId: "00000000-0000-4000-8000-000000000001",
    serviceBusNamespace: "ion-prod",
    blobEndpoint: "https://ionprod.blob.core.windows.net",
    cosmosEndpoint: "https://ionprod.documents.azure.com:443/",
    batchEndpoint: "https://ionprod.westeurope.batch.azure.com",
    clientIds: {
      gateway: "00000000-0000-4000-8000-000000000021",
      management: "00000000-0000-4000-8000-000000000022",
      sweeper: "00000000-0000-4000-8000-000000000023",
      dispatcher: "00000000-0000-4000-8000-000000000024",
      job: "00000000-0000-4000-8000-000000000025",
      keda: "00000000-0000-4000-8000-000000000026",
    },
  },
  ingress: { host: "ion.example.org", tlsSecretName: "gateway-tls" },
  gateway: { replicas: 3 },
  pools: [
    { name: "jobs", cpu: 8, memory: "28Gi", count: 20 },
    { name: "spot", cpu: 8, memory: "28Gi", spot: true, count: 50 },
    { name: "media", executor: "batch", cpu: 6, memory: "50Gi", gpu: 1, spot: true, count: 10 },
  ],
  modules: {
    // The one that all pictures pass: never asleep, and with room for large ones.
    faces: { scale: { min: 1, max: 8 }, resources: { cpu: 2, memory: "2Gi" } },
    frames: { scale: { max: 4 } },
  },
} satisfies Stack;
