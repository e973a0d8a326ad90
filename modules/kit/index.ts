/** What a module's program is written with: `import { run } from "ion/kit"`. */
export type { Config } from "./config.ts";
export { messageOf, PermanentError } from "./errors.ts";
export type { IncomingEvent } from "./event.ts";
export type { Inputs } from "./inputs.ts";
export type { Emit, EmitOptions, FileContent } from "./outputs.ts";
export { type Execution, run } from "./run.ts";
