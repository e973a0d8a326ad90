import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import type { JsonObject, Scalar } from "./json.ts";
import { findEventTypeProblem, reservedEventPrefix } from "./names.ts";
import { DeclarationError } from "./problem.ts";

/** A schema that validates and can say itself as JSON Schema: zod 4, valibot, arktype. https://standardschema.dev */
export interface EventSchema<Data = unknown> {
  readonly "~standard": StandardSchemaV1<unknown, Data>["~standard"] &
    StandardJSONSchemaV1<unknown, Data>["~standard"];
}

type DataOf<Schema extends EventSchema> = StandardSchemaV1.InferOutput<Schema>;

type ScalarKey<Data> = {
  [Key in keyof Data & string]-?: NonNullable<Data[Key]> extends Scalar ? Key : never;
}[keyof Data & string];

/** Values that top-level scalar fields of an event's data must have; an array means any of its values. */
export type Where<Data> = {
  readonly [Key in ScalarKey<Data>]?: NonNullable<Data[Key]> | readonly NonNullable<Data[Key]>[];
};

/** A filter as plain data. */
export type Filter = Readonly<Record<string, Scalar | readonly Scalar[]>>;

/** What a module subscribes to: an event type and the filter its data must match. */
export interface Subscription<Type extends string = string, Data = unknown> {
  readonly event: EventType<Type, Data>;
  readonly filter: Filter;
}

/** A kind of event: the name of its topic, the shape of its data, and whether files may come with it. */
export interface EventType<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly schema: EventSchema<Data>;
  readonly files: boolean;
  /**
   * Subscribes to those events whose data has these values.
   *
   * @example
   * ```ts
   * downloaded.where({ kind: "video" })
   * ```
   */
  where(filter: Where<Data>): Subscription<Type, Data>;
}

export interface EventOptions {
  /**
   * Whether files may come with the event.
   * @default true
   */
  readonly files?: boolean;
}

function makeEventType<Type extends string, Data>(
  type: Type,
  schema: EventSchema<Data>,
  files: boolean,
): EventType<Type, Data> {
  const eventType: EventType<Type, Data> = {
    type,
    schema,
    files,
    where: (filter) => ({ event: eventType, filter: { ...filter } as Filter }),
  };
  return eventType;
}

/**
 * Declares a kind of event.
 *
 * @param type the event type, which is also its topic's name: at most 50 letters, digits, '.', '-', '_'
 * @param schema the shape of the event's data: any Standard Schema with a JSON Schema
 * @throws DeclarationError when the type breaks a naming rule or is reserved
 * @example
 * ```ts
 * const downloaded = event("file_downloaded", z.object({ kind: z.enum(["video", "image"]), bytes: z.int() }));
 * ```
 */
export function event<const Type extends string, Schema extends EventSchema>(
  type: Type,
  schema: Schema,
  options: EventOptions = {},
): EventType<Type, DataOf<Schema>> {
  const problem =
    findEventTypeProblem(type) ??
    (type.startsWith(reservedEventPrefix)
      ? `event type '${type}' begins with '${reservedEventPrefix}', which only Ion's own events may: choose another name`
      : undefined);
  if (problem !== undefined) throw new DeclarationError([{ field: "type", value: type, message: problem }]);
  return makeEventType(type, schema as EventSchema<DataOf<Schema>>, options.files ?? true);
}

/** The data of `ion.flow_completed`: how the flow ended. */
export interface FlowCompleted {
  /** Events the flow caused, its first included. */
  readonly events: number;
  readonly succeeded: number;
  /** Executions that ended as dead letters. */
  readonly failed: number;
}

const count = { type: "integer", minimum: 0 } as const;
const flowCompletedJsonSchema = {
  type: "object",
  properties: { events: count, succeeded: count, failed: count },
  required: ["events", "succeeded", "failed"],
};

const flowCompletedSchema: EventSchema<FlowCompleted> = {
  "~standard": {
    version: 1,
    vendor: "ion",
    validate: (value) => ({ value: value as FlowCompleted }),
    jsonSchema: { input: () => flowCompletedJsonSchema, output: () => flowCompletedJsonSchema },
  },
};

/** Raised by Ion when the last execution of a flow has ended. A module that subscribes to it joins the whole tree. */
export const flowCompleted: EventType<"ion.flow_completed", FlowCompleted> = makeEventType(
  "ion.flow_completed",
  flowCompletedSchema,
  true,
);

/** An event on its way: CloudEvents 1.0 in JSON, with Ion's extension attributes. https://github.com/cloudevents/spec */
export interface IonEvent {
  readonly specversion: "1.0";
  readonly id: string;
  /** `/ion/<module>` or `/ion/gateway`. */
  readonly source: string;
  readonly type: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly data: JsonObject;
  /** The flow the event belongs to. */
  readonly correlationid: string;
  /** The event that the emitting execution handled; absent on a flow's first event. */
  readonly parentid?: string;
  /** How many files come with the event; they travel by reference. */
  readonly files: number;
  /** https://www.w3.org/TR/trace-context/ */
  readonly traceparent?: string;
  /** Set on `ion.flow_completed` and all that it causes: what happens after a flow's end doesn't open it again. */
  readonly afterflow?: true;
}

/** What a flow's first event says; the rest of its attributes follows. */
export type FirstEvent = Pick<IonEvent, "id" | "type" | "time" | "data" | "traceparent"> & {
  /** @default 0 */
  readonly files?: number;
};

/** Makes a flow's first event: its id is the flow's. */
export function firstEvent({ id, type, time, data, files = 0, traceparent }: FirstEvent): IonEvent {
  return {
    specversion: "1.0",
    id,
    source: "/ion/gateway",
    type,
    time,
    datacontenttype: "application/json",
    data,
    correlationid: id,
    files,
    ...(traceparent !== undefined && { traceparent }),
  };
}

/** A file that comes with an event: where its bytes are and what they must hash to. */
export interface FileReference {
  /** Relative to `in/data` of who reads it; `/` between folders. */
  readonly path: string;
  readonly blob: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}
