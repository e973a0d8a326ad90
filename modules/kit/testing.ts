/** For a module's tests: `import { runModule } from "ion/kit/testing"`. */
export type { EmittedEvent, ModuleResult } from "./testing/result.ts";
export { type RunModuleOptions, runModule } from "./testing/run-module.ts";
export type { InputFile } from "./testing/workspace.ts";
export type { OutputFile } from "./testing/written.ts";
