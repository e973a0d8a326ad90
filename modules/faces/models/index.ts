/** Finds faces and says what they show. Importing it is cheap; the first picture loads the library. */
export {
  type AgeResult,
  classifyExpression,
  type Expression,
  type ExpressionResult,
  estimateAge,
  expressions,
} from "./classify.ts";
export { type DetectOptions, type Detector, detectFaces, type Face, writeFace } from "./detect.ts";
export { countTensors } from "./engine.ts";
export { type Box, type Picture, readPicture, UnreadablePictureError } from "./picture.ts";
export { samplePictures } from "./samples.ts";
