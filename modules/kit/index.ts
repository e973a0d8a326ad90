/** For a module's program: `import { run } from "ion/kit"`. */
export type { Config } from "./config.ts";
export type { Context } from "./context.ts";
export { messageOf, PermanentError, type PermanentErrorOptions } from "./errors.ts";
export type { HandledEvent } from "./event.ts";
export type { Inputs } from "./inputs.ts";
export type { Emit, EmitOptions, FileContent } from "./outputs.ts";
export { type Handler, run } from "./run.ts";
