/** What a team declares with: `import { defineModule, event, pipeline } from "ion"`. */
export { checkPipeline, type PipelineSpec } from "./check.ts";
export { type Duration, days, hours, milliseconds, minutes, seconds } from "./duration.ts";
export { type ErrorCode, IonError } from "./errors.ts";
export {
  type EventSchema,
  type EventType,
  event,
  type FlowCompleted,
  firstEvent,
  flowCompleted,
  type IonEvent,
  type Subscription,
} from "./event.ts";
export { batch, type ExecutorSpec, kubernetes, process } from "./executor.ts";
export { isJsonObject, type Json, type JsonObject } from "./json.ts";
export { defineModule, type Module, type ModuleOptions, type ModuleSpec } from "./module.ts";
export { type EmittedEvents, type Pipeline, pipeline, type SubscribedEvents } from "./pipeline.ts";
export { DeclarationError, type Problem } from "./problem.ts";
export { formatBytes, gibibytes, kibibytes, mebibytes, type Size } from "./size.ts";
export {
  type FlowInput,
  fromKeyValues,
  isKeyValues,
  type KeyValues,
  toKeyValues,
  workspacePaths,
} from "./workspace.ts";
