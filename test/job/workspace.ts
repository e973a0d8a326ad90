import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { type ErrorCode, IonError } from "../../runtime/contract/errors.ts";
import { defineModule, event, type ModuleOptions, pipeline } from "../../runtime/contract/index.ts";
import { workspaceFolders } from "../../runtime/contract/workspace.ts";
import { inspectOutput, type Output } from "../../runtime/job/inspect.ts";
import type { InspectContext } from "../../runtime/job/output-event.ts";

export const started = event("started", z.object({ url: z.url() }));
export const downloaded = event(
  "downloaded",
  z.object({ kind: z.enum(["video", "image"]), bytes: z.int(), public: z.boolean().optional() }),
);
export const anything = event("anything", z.looseObject({}));
export const noted = event("noted", z.object({ text: z.string() }), { files: false });

/** The module that the output is inspected for; limits can be set. */
export function inspectContext(
  limits: ModuleOptions<string, typeof started, []>["limits"] = {},
): InspectContext {
  const fetch = defineModule({
    name: "fetch",
    on: started,
    emits: [downloaded, anything, noted],
    command: ["true"],
    limits,
  });
  const { spec } = pipeline("test", [fetch], { sources: [started] });
  return { module: fetch.spec, events: spec.events };
}

export interface Workspace extends Disposable {
  readonly folder: string;
  /** Writes a file below the workspace, its folders too. */
  write(path: string, content: string | Uint8Array): string;
  /** Writes an event file. */
  writeEvent(name: string, value: unknown): void;
  inspect(context?: InspectContext): Output;
  /** Inspects, and asserts that the output is refused with this code and these words. */
  refuses(code: ErrorCode, words: string, context?: InspectContext): void;
}

/** An empty workspace as a module finds it. */
export function makeWorkspace(): Workspace {
  const folder = mkdtempSync(join(tmpdir(), "ion-workspace-"));
  for (const each of workspaceFolders) mkdirSync(join(folder, each));
  const write = (path: string, content: string | Uint8Array) => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  const inspect = (context = inspectContext()) => inspectOutput(folder, context);
  return {
    folder,
    write,
    writeEvent: (name, value) => void write(`out/events/${name}`, JSON.stringify(value)),
    inspect,
    refuses(code, words, context) {
      assert.throws(
        () => inspect(context),
        (thrown) => {
          assert.ok(thrown instanceof IonError, String(thrown));
          assert.ok(thrown.message.includes(words), `'${thrown.message}' doesn't say '${words}'`);
          assert.equal(thrown.code, code);
          assert.equal(thrown.message.split("\n").length, 1, "the message is one line");
          return true;
        },
      );
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
