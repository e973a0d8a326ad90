import assert from "node:assert/strict";
import { once } from "node:events";
import { openAsBlob } from "node:fs";
import { basename, join } from "node:path";
import type { TestContext } from "node:test";
import { z } from "zod";
import type { EventNode, ExecutionNode, FlowTrace } from "../../runtime/management/api.ts";
import { type ManagementClient, managementClient } from "../../runtime/management/client.ts";
import { type CommandOptions, type CommandResult, runIon, spawnIon, temporaryFolder } from "./command.ts";
import { type Lines, readLines } from "./lines.ts";

export interface LocalOptions extends CommandOptions {
  /** The name of a file in `pipelines/`, or a path. */
  readonly pipeline: string;
  /** The data folder. @default a new one, gone after the test */
  readonly data?: string;
  /** @default a free port */
  readonly port?: number;
  /** @default 4 */
  readonly parallel?: number;
  /** More options of the command. */
  readonly argv?: readonly string[];
}

/** `ion local` as a process of its own. */
export interface LocalIon {
  readonly url: string;
  readonly data: string;
  readonly processId: number;
  readonly client: ManagementClient;
  /** What it prints, on both streams. */
  readonly lines: Lines;
  /** Raises an event through the gateway. @returns the flow's id */
  submit(type: string, data?: object, files?: readonly string[]): Promise<string>;
  /** Waits until nothing more happens in a flow. */
  end(flow: string): Promise<FlowTrace>;
  /** Raises an event and waits for the end of its flow. */
  run(type: string, data?: object, files?: readonly string[]): Promise<FlowTrace>;
  /** Waits until a flow has come to something. */
  until(flow: string, reached: (trace: FlowTrace) => boolean): Promise<FlowTrace>;
  /** Runs another command of `ion` against it. */
  ion(...argv: readonly string[]): Promise<CommandResult>;
  /** SIGTERM. @returns the exit code */
  stop(): Promise<number | null>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

const accepted = z.object({ correlationId: z.string() });

async function makeForm(data: object, files: readonly string[]): Promise<FormData> {
  const form = new FormData();
  form.set("data", JSON.stringify(data));
  for (const file of files) form.append("file", await openAsBlob(file), basename(file));
  return form;
}

async function submit(url: string, type: string, data: object, files: readonly string[]): Promise<string> {
  const json = { body: JSON.stringify(data), headers: { "content-type": "application/json" } };
  const content = files.length === 0 ? json : { body: await makeForm(data, files) };
  const response = await fetch(`${url}/events/${type}`, { method: "POST", ...content });
  const answer = await response.text();
  assert.equal(response.status, 202, answer);
  return accepted.parse(JSON.parse(answer)).correlationId;
}

/** Starts `ion local` and waits until it takes events; it is gone after the test. */
export async function startIon(t: TestContext, options: LocalOptions): Promise<LocalIon> {
  const { pipeline, data = join(temporaryFolder(t), "data"), port = 0, parallel = 4, argv = [] } = options;
  const file = pipeline.includes("/") ? pipeline : `test/main/pipelines/${pipeline}.ts`;
  const where = ["--data", data, "--port", String(port), "--pipeline", file, "--parallel", String(parallel)];
  const child = spawnIon(["local", ...where, ...argv], options);
  const exit = once(child, "exit");
  const signal = async (name: NodeJS.Signals) => {
    child.kill(name);
    await exit;
    return child.exitCode;
  };
  t.after(async () => {
    // A test that failed may leave a program waiting: Ion ends it at the second signal.
    const late = [
      setTimeout(() => child.kill("SIGTERM"), 1_000),
      setTimeout(() => child.kill("SIGKILL"), 5_000),
    ];
    await signal("SIGTERM");
    for (const timer of late) clearTimeout(timer);
  });
  const lines = readLines([child.stdout, child.stderr]);
  const [, url = ""] = await lines.next(/^ready in .* · gateway (\S+) · data /);
  const client = managementClient({ endpoint: url });

  async function until(flow: string, reached: (trace: FlowTrace) => boolean): Promise<FlowTrace> {
    let last: FlowTrace | undefined;
    for await (const trace of client.followFlow(flow)) {
      last = trace;
      if (reached(trace)) break;
    }
    assert(last !== undefined && reached(last), `flow ${flow} ended as ${JSON.stringify(last)}`);
    return last;
  }
  const end = (flow: string) =>
    until(flow, ({ state, counts }) => state === "completed" && counts.trailing === 0);
  return {
    url,
    data,
    processId: child.pid ?? 0,
    client,
    lines,
    until,
    end,
    submit: (type, data = {}, files = []) => submit(url, type, data, files),
    run: async (type, data = {}, files = []) => end(await submit(url, type, data, files)),
    ion: (...argv) => runIon([...argv, "--endpoint", url], options),
    stop: () => signal("SIGTERM"),
    kill: async () => void (await signal("SIGKILL")),
  };
}

/** Every event of a flow. */
export function listEvents(trace: FlowTrace): EventNode[] {
  const withBelow = (event: EventNode): EventNode[] => [
    event,
    ...event.executions.flatMap(({ children }) => children.flatMap(withBelow)),
  ];
  return trace.roots.flatMap(withBelow);
}

/** Every execution of a module, or of all. */
export function listExecutions(trace: FlowTrace, module?: string): ExecutionNode[] {
  const all = listEvents(trace).flatMap(({ executions }) => executions);
  return module === undefined ? all : all.filter((each) => each.module === module);
}

/** The one execution of a module. */
export function getExecution(trace: FlowTrace, module: string): ExecutionNode {
  const [execution, ...others] = listExecutions(trace, module);
  assert(execution !== undefined && others.length === 0, `${others.length + 1} executions of '${module}'`);
  return execution;
}
