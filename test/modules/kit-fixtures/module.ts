import { defineModule, event, flowCompleted } from "ion";
import { z } from "zod";

/** What the program is told to do. */
export const told = event("told", z.object({ steps: z.array(z.string()) }));
export const named = event("named", z.object({ name: z.string() }), { files: false });
export const made = event("made", z.object({ width: z.int().min(1) }));
export const noted = event("noted", z.object({ text: z.string() }), { files: false });

function declare<const Program extends string>(program: Program) {
  return defineModule({
    name: "worker",
    on: [told, named.where({ name: "ion" }), flowCompleted],
    emits: [made, noted],
    command: ["node", `test/modules/kit-fixtures/${program}.ts`],
    config: { GREETING: "hello" },
    joins: [made],
  });
}

export const worker = declare("main");
export const lightWorker = declare("light");
export const originalWorker = declare("original");
export const undeclaredWorker = declare("undeclared");
