import { createRequire, enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import type { Pixels } from "./picture.ts";

type FaceApi = typeof import("@vladmandic/face-api/dist/face-api.node-wasm.js");
type TensorFlow = typeof import("@tensorflow/tfjs");
type Wasm = typeof import("@tensorflow/tfjs-backend-wasm");
type Tensor = ReturnType<TensorFlow["tensor3d"]>;

interface Engine {
  readonly faceApi: FaceApi;
  readonly tensorFlow: TensorFlow;
}

/** The nets in use here, by the names the library gives them. */
export type NetName = "ssdMobilenetv1" | "tinyFaceDetector" | "faceExpressionNet" | "ageGenderNet";

const modelFolder = fileURLToPath(import.meta.resolve("@vladmandic/face-api/model"));
const cacheFolder = fileURLToPath(import.meta.resolve("@vladmandic/face-api/../../.cache/face-models"));
const wasmFolder = fileURLToPath(import.meta.resolve("@tensorflow/tfjs-backend-wasm/dist/"));

/** The libraries take 0.1 s to import, so the first picture loads them, not the declaration. */
async function startEngine(): Promise<Engine> {
  // Not in the default place, TMPDIR: that is a new folder for each execution.
  enableCompileCache(cacheFolder);
  // They are CommonJS, which `import` would first read through for the names of what they export.
  const require = createRequire(import.meta.url);
  const tensorFlow: TensorFlow = require("@tensorflow/tfjs");
  const { setWasmPaths }: Wasm = require("@tensorflow/tfjs-backend-wasm");
  const faceApi: FaceApi = require("@vladmandic/face-api/dist/face-api.node-wasm.js");
  setWasmPaths(wasmFolder);
  // Ion runs one process a face, side by side: threads inside each would only compete.
  tensorFlow.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  if (!(await tensorFlow.setBackend("wasm"))) {
    throw new Error(`cannot start TensorFlow.js: WebAssembly must run here, with the files in ${wasmFolder}`);
  }
  return { faceApi, tensorFlow };
}

let engine: Promise<Engine> | undefined;
const weights = new Map<NetName, Promise<void>>();

async function loadNet(name: NetName): Promise<Engine> {
  engine ??= startEngine();
  const { faceApi } = await engine;
  const loading = weights.get(name) ?? faceApi.nets[name].loadFromDisk(modelFolder);
  weights.set(name, loading);
  await loading;
  return engine;
}

/**
 * Runs one net on a picture. The net's weights are read once a process; the picture's memory, which
 * WebAssembly does not collect, is freed afterwards.
 */
export async function runNet<Result>(
  name: NetName,
  { data, width, height }: Pixels,
  use: (faceApi: FaceApi, tensor: Tensor) => Promise<Result>,
): Promise<Result> {
  const { faceApi, tensorFlow } = await loadNet(name);
  const tensor = tensorFlow.tensor3d(Int32Array.from(data), [height, width, 3], "int32");
  try {
    return await use(faceApi, tensor);
  } finally {
    tensor.dispose();
  }
}

/** Tensors that are alive: a leak shows as growth from picture to picture. */
export async function countTensors(): Promise<number> {
  return (await engine)?.tensorFlow.memory().numTensors ?? 0;
}
