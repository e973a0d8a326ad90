import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type EventType,
  type FlowInput,
  type IonEvent,
  type Module,
  type SubscribedEvents,
  workspacePaths,
} from "../../runtime/contract/index.ts";
import { listSubscriptions } from "../../runtime/contract/module.ts";
import { PermanentError } from "./errors.ts";
import { describeIssues } from "./schema.ts";

type Incoming<E> =
  E extends EventType<infer Type, infer Data>
    ? Omit<IonEvent, "type" | "data"> & { readonly type: Type; readonly data: Data }
    : never;

/** The event a module handles: a union over what it subscribes to; `type` tells which. */
export type IncomingEvent<M extends Module> = Incoming<SubscribedEvents<M>>;

function isSubscribed<M extends Module>(module: M, event: unknown): event is IncomingEvent<M> {
  return (
    typeof event === "object" &&
    event !== null &&
    "type" in event &&
    listSubscriptions(module.on).some((subscription) => subscription.event.type === event.type)
  );
}

/**
 * Reads the event of a workspace and parses its data with the declared schema.
 *
 * @param folder the workspace
 * @throws PermanentError when the module doesn't subscribe to it or its data breaks the schema
 */
export async function readEvent<M extends Module>(module: M, folder: string): Promise<IncomingEvent<M>> {
  const raw: IonEvent = JSON.parse(await readFile(join(folder, workspacePaths.event), "utf8"));
  const subscription = listSubscriptions(module.on).find(({ event }) => event.type === raw.type);
  if (subscription === undefined) {
    throw new PermanentError(
      `module '${module.name}' doesn't subscribe to '${raw.type}': add it to 'on' or run another module`,
    );
  }
  const result = await subscription.event.schema["~standard"].validate(raw.data);
  const event: unknown = result.issues === undefined ? { ...raw, data: result.value } : undefined;
  if (!isSubscribed(module, event)) {
    throw new PermanentError(`event '${raw.type}' breaks its schema: ${describeIssues(result)}`);
  }
  return event;
}

type FlowEvent = FlowInput["events"][number];

function locateFiles(folder: string, event: FlowEvent): FlowEvent {
  const files = event.files.map(({ local, ...file }) =>
    local === undefined ? file : { ...file, local: join(folder, local) },
  );
  return { ...event, files };
}

/**
 * Reads the whole tree of a flow that has ended, the paths of its joined files made absolute.
 *
 * @param folder the workspace
 * @throws PermanentError when the module doesn't handle `ion.flow_completed`
 */
export async function readFlow(folder: string): Promise<FlowInput> {
  try {
    const flow: FlowInput = JSON.parse(await readFile(join(folder, workspacePaths.flow), "utf8"));
    return { ...flow, events: flow.events.map((event) => locateFiles(folder, event)) };
  } catch (cause) {
    throw new PermanentError(
      `${workspacePaths.flow} can't be read: it is there only for 'ion.flow_completed'`,
      {
        cause,
      },
    );
  }
}
