import { findCallSite } from "./call-site.ts";
import { checkPipeline, type PipelineSpec, payloadProblem } from "./check.ts";
import { type EventType, flowCompleted, type Subscription } from "./event.ts";
import { canonicalJson, type JsonObject } from "./json.ts";
import { listSubscriptions, type Module, type OnOption } from "./module.ts";
import { DeclarationError, type Problem } from "./problem.ts";

type EventIn<Entry> =
  Entry extends Subscription<infer Type, infer Data>
    ? EventType<Type, Data>
    : Entry extends EventType
      ? Entry
      : Entry extends readonly (infer Inner)[]
        ? EventIn<Inner>
        : never;

/** The events a module handles, as a union of event types. */
export type SubscribedEvents<M extends Module> = EventIn<M["on"]>;

/** The events a module may emit, as a union of event types. */
export type EmittedEvents<M extends Module> = M["emits"][number];

type Provided<Modules extends readonly Module[], Sources extends readonly EventType[]> =
  | Modules[number]["emits"][number]["type"]
  | Sources[number]["type"]
  | typeof flowCompleted.type;

type IsUnion<T, Whole = T> = T extends unknown ? ([Whole] extends [T] ? false : true) : never;

type ValueOf<T> = T[keyof T];

/**
 * The names that two modules bear: entries that fall on one key come as a union. Found once for all
 * modules, as every look into such a type costs the compiler a walk over all of its keys.
 */
type SharedNames<Modules extends readonly Module[]> = ValueOf<{
  [Index in keyof Modules & `${number}` as Modules[Index]["name"]]: IsUnion<Index> extends true
    ? Modules[Index]["name"]
    : never;
}>;

type Payload<E> = E extends EventType<string, infer Data> ? (data: Data) => Data : never;
type EventsOf<M> =
  M extends Module<string, infer On extends OnOption, infer Emits extends readonly EventType[]>
    ? EventIn<On> | Emits[number]
    : never;

/** The event types that are declared with two payloads; found once, as `SharedNames` is. */
type TwofoldTypes<All extends EventType> = ValueOf<{
  [E in All as E["type"]]: IsUnion<Payload<E>> extends true ? E["type"] : never;
}>;

type CheckModule<M extends Module, Known extends string, Shared, Twofold> = string extends M["name"]
  ? M
  : M["name"] extends Shared
    ? `two modules are named '${M["name"]}'`
    : Exclude<EventIn<M["on"]>["type"], Known> extends infer Missing extends string
      ? [Missing] extends [never]
        ? Extract<EventsOf<M>["type"], Twofold> extends infer Two extends string
          ? [Two] extends [never]
            ? M
            : `event type '${Two}' has two payloads; one is in module '${M["name"]}'`
          : M
        : `module '${M["name"]}' subscribes to '${Missing}', which no module emits and no source provides`
      : M;

/** The modules themselves, where every one keeps the rules; else the message stands in the offender's place. */
export type CheckedModules<
  Modules extends readonly Module[],
  Sources extends readonly EventType[],
> = CheckEach<
  Modules,
  Provided<Modules, Sources>,
  SharedNames<Modules>,
  TwofoldTypes<EventsOf<Modules[number]> | Sources[number]>
>;

type CheckEach<Modules extends readonly Module[], Known extends string, Shared, Twofold> = {
  readonly [Index in keyof Modules]: CheckModule<Modules[Index], Known, Shared, Twofold>;
};

/** A checked event graph. */
export interface Pipeline {
  readonly name: string;
  readonly sources: readonly EventType[];
  readonly modules: readonly Module[];
  readonly spec: PipelineSpec;
}

function readJsonSchema(eventType: EventType): JsonObject {
  try {
    return eventType.schema["~standard"].jsonSchema.input({ target: "draft-2020-12" }) as JsonObject;
  } catch {
    const message = `event type '${eventType.type}' has a schema that can't be said as JSON Schema: use types that JSON knows`;
    throw new DeclarationError([{ field: "schema", value: eventType.type, message }]);
  }
}

interface Use {
  readonly eventType: EventType;
  readonly module?: string;
}

function listUses(modules: readonly Module[], sources: readonly EventType[]): Use[] {
  return [
    { eventType: flowCompleted },
    ...sources.map((eventType) => ({ eventType })),
    ...modules.flatMap(({ name, on, emits, joins }) =>
      [...listSubscriptions(on).map((subscription) => subscription.event), ...emits, ...joins].map(
        (eventType) => ({
          eventType,
          module: name,
        }),
      ),
    ),
  ];
}

/** One schema an event type; the modules whose schema differs from another's are named. */
function mergeEvents(uses: readonly Use[]): { events: PipelineSpec["events"]; problems: Problem[] } {
  const texts = new Map<EventType, string>();
  const seen = new Map<string, { text: string; first: Use }>();
  const events: Record<string, PipelineSpec["events"][string]> = {};
  const problems = new Map<string, Problem>();
  for (const use of uses) {
    const { eventType } = use;
    if (texts.has(eventType) && use.module === undefined) continue;
    const schema = readJsonSchema(eventType);
    const text = texts.get(eventType) ?? canonicalJson(schema);
    texts.set(eventType, text);
    const known = seen.get(eventType.type);
    if (known === undefined) {
      seen.set(eventType.type, { text, first: use });
      events[eventType.type] = { schema, files: eventType.files };
    } else if (known.text !== text) {
      for (const { module } of [known.first, use]) {
        if (module !== undefined)
          problems.set(`${eventType.type} ${module}`, payloadProblem(eventType.type, module));
      }
    }
  }
  return { events, problems: [...problems.values()] };
}

/** Adds to each problem where its module was declared. */
function locate(problems: readonly Problem[], modules: readonly Module[]): Problem[] {
  return problems.map((problem) => {
    const declared = modules.find(({ name }) => name === problem.module);
    const at = declared === undefined ? undefined : findCallSite(declared.origin);
    return at === undefined ? problem : { ...problem, at };
  });
}

/**
 * Puts modules together into one event graph and checks it: by the compiler where the declaration
 * is written, and with the same words when the program runs.
 *
 * @param name RFC 1123 label of at most 40 characters
 * @throws DeclarationError with every rule that is broken
 * @example
 * ```ts
 * export default pipeline("media", [downloader, transcoder, thumbnails], { sources: [newLink] });
 * ```
 */
export function pipeline<const Modules extends readonly Module[], const Sources extends readonly EventType[]>(
  name: string,
  modules: Modules & CheckedModules<Modules, Sources>,
  { sources }: { readonly sources: Sources },
): Pipeline {
  const declared: readonly Module[] = modules;
  const { events, problems } = mergeEvents(listUses(declared, sources));
  const spec: PipelineSpec = {
    name,
    sources: sources.map(({ type }) => type),
    events,
    modules: declared.map((module) => module.spec),
  };
  const all = [...problems, ...checkPipeline(spec)];
  if (all.length > 0) throw new DeclarationError(locate(all, declared));
  return { name, sources, modules: declared, spec };
}
