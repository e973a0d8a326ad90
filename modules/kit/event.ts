import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EventType, FlowInput, IonEvent, Module, SubscribedEvents } from "ion";
import { workspacePaths } from "../../runtime/contract/workspace.ts";
import { messageOf, PermanentError } from "./errors.ts";

type Handled<E> =
  E extends EventType<infer Type, infer Data>
    ? Omit<IonEvent, "type" | "data"> & { readonly type: Type; readonly data: Data }
    : never;

/** The event a module handles: a union over what it subscribes to; `type` tells which. */
export type HandledEvent<M extends Module> = Handled<SubscribedEvents<M>>;

/**
 * Reads the event of a workspace, whose data Ion has checked before it was sent.
 *
 * @param root the workspace
 * @throws PermanentError when the module has no subscription to it
 */
export async function readEvent<M extends Module>(
  root: string,
  module: M | M["name"],
): Promise<HandledEvent<M>> {
  const event: HandledEvent<M> = JSON.parse(await readFile(join(root, workspacePaths.event), "utf8"));
  if (typeof module !== "string" && !module.spec.on.some(({ type }) => type === event.type)) {
    throw new PermanentError(
      `module '${module.name}' doesn't subscribe to '${event.type}': add it to 'on' of its declaration`,
    );
  }
  return event;
}

type FlowEvent = FlowInput["events"][number];

function locateFiles(root: string, event: FlowEvent): FlowEvent {
  const files = event.files.map(({ local, ...file }) =>
    local === undefined ? file : { ...file, local: join(root, local) },
  );
  return { ...event, files };
}

/** @throws PermanentError when there is no flow to read */
export async function readFlow(root: string): Promise<FlowInput> {
  try {
    const flow: FlowInput = JSON.parse(await readFile(join(root, workspacePaths.flow), "utf8"));
    return { ...flow, events: flow.events.map((event) => locateFiles(root, event)) };
  } catch (cause) {
    throw new PermanentError(
      `cannot read the flow: only 'ion.flow_completed' brings one, so subscribe to it (${messageOf(cause)})`,
      { cause },
    );
  }
}
