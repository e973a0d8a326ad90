import type { Duration } from "./duration.ts";
import { days, minutes, seconds } from "./duration.ts";
import type { EventType, Filter, Subscription } from "./event.ts";
import { type ExecutorSpec, process } from "./executor.ts";
import { defaultOutputLimits } from "./limits.ts";
import { findModuleNameProblem } from "./names.ts";
import { brokenField, DeclarationError } from "./problem.ts";
import type { Size } from "./size.ts";

type On = EventType | Subscription;
export type OnOption = On | readonly On[];

/** A secret by reference: the value is never in a declaration, a manifest or a log. */
export interface SecretReference {
  /** The store's name for it: on a laptop the name of a variable in the environment of `ion local`. */
  readonly name: string;
}

export interface RetryOptions {
  /** Attempts in all, the first included. @default 3 */
  readonly attempts?: number;
  /** Bounds of the exponential backoff. @default seconds(1) */
  readonly minDelay?: Duration;
  /** @default minutes(5) */
  readonly maxDelay?: Duration;
  /** Exit codes that are never retried, besides 64-78 (sysexits). @default [] */
  readonly permanentExitCodes?: readonly number[];
}

export interface ScaleOptions {
  /** Dispatchers that always run; 0 lets the module sleep. @default 0 */
  readonly min?: number;
  /** @default 1 */
  readonly max?: number;
  /** Waiting events per dispatcher before one more is started. @default 10 */
  readonly targetQueueLength?: number;
}

export interface OutputLimits {
  /** All files of one attempt together. @default 64 GiB */
  readonly size?: Size;
  /** @default 20,000 */
  readonly files?: number;
  /** @default 20,000 */
  readonly events?: number;
}

/** What a team writes to declare a module. */
export interface ModuleOptions<
  Name extends string,
  Subscribed extends OnOption,
  Emitted extends readonly EventType[],
> {
  /** RFC 1123 label of at most 40 characters. */
  readonly name: Name;
  /** The events it handles: one or several, each optionally `.where({...})`. */
  readonly on: Subscribed;
  /** The events it may write. @default [] */
  readonly emits?: Emitted;
  /** Container image, by digest; not needed on a laptop. */
  readonly image?: string;
  /** The program and its arguments. On a laptop it starts in the project's folder. */
  readonly command: readonly [string, ...string[]];
  /** @default process() */
  readonly executor?: ExecutorSpec;
  /** After it SIGTERM, ten seconds later SIGKILL. @default minutes(10) */
  readonly timeout?: Duration;
  readonly retry?: RetryOptions;
  /** Executions that one dispatcher runs at once. @default the machine's cores on a laptop, 10 in the cloud */
  readonly concurrency?: number;
  readonly scale?: ScaleOptions;
  /** Plain settings; the module finds them in its environment. */
  readonly config?: Readonly<Record<string, string>>;
  /** Environment variable -> reference. */
  readonly secrets?: Readonly<Record<string, SecretReference>>;
  readonly limits?: OutputLimits;
  /** How long files and documents of its flows are kept. @default days(30) */
  readonly retention?: Duration;
  /** @default the image's digest, or a hash of the program's folder */
  readonly version?: string;
  /** For a module on `flowCompleted`: the events whose files are brought to it. @default [] */
  readonly joins?: readonly EventType[];
}

/** A subscription as plain data. */
export interface SubscriptionSpec {
  readonly type: string;
  readonly filter: Filter;
}

/** A module as plain data: all the runtime needs, with every default filled in. */
export interface ModuleSpec {
  readonly name: string;
  readonly on: readonly SubscriptionSpec[];
  readonly emits: readonly string[];
  readonly joins: readonly string[];
  readonly image?: string;
  readonly command: readonly [string, ...string[]];
  readonly executor: ExecutorSpec;
  readonly timeoutMilliseconds: number;
  readonly retry: {
    readonly attempts: number;
    readonly minDelayMilliseconds: number;
    readonly maxDelayMilliseconds: number;
    readonly permanentExitCodes: readonly number[];
  };
  readonly concurrency?: number;
  readonly scale: { readonly min: number; readonly max: number; readonly targetQueueLength: number };
  readonly config: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, SecretReference>>;
  readonly limits: { readonly bytes: number; readonly files: number; readonly events: number };
  readonly retentionMilliseconds: number;
  readonly version?: string;
}

/** A declared module: its types for the compiler and its plain data for the runtime. */
export interface Module<
  Name extends string = string,
  Subscribed extends OnOption = OnOption,
  Emitted extends readonly EventType[] = readonly EventType[],
> {
  readonly name: Name;
  readonly on: Subscribed;
  readonly emits: Emitted;
  readonly joins: readonly EventType[];
  readonly spec: ModuleSpec;
  /** Made where the module was declared: its stack says the file and the line. */
  readonly origin: Error;
}

/** The subscriptions of an `on`, in one form. */
export function listSubscriptions(on: OnOption): readonly Subscription[] {
  const entries: readonly On[] = Array.isArray(on) ? on : [on as On];
  return entries.map((entry) => ("event" in entry ? entry : { event: entry, filter: {} }));
}

function requireWhole(module: string, field: string, value: number, minimum: number): number {
  if (!Number.isInteger(value) || value < minimum) {
    const rule = `must be a whole number of at least ${minimum}: current value is ${value}`;
    throw brokenField(module, field, String(value), rule);
  }
  return value;
}

const environmentName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const reservedEnvironment = /^(ION_.*|HANDLER_BASE_DIR|PATH|HOME|TMPDIR)$/;

function checkEnvironment(module: string, field: string, names: readonly string[]): void {
  for (const name of names) {
    if (!environmentName.test(name)) {
      const rule = `'${name}' can't name an environment variable: use letters, digits and '_', not beginning with a digit`;
      throw brokenField(module, field, name, rule);
    }
    if (reservedEnvironment.test(name)) {
      throw brokenField(module, field, name, `'${name}' is set by Ion itself: choose another name`);
    }
  }
}

function readRetry(name: string, retry: RetryOptions): ModuleSpec["retry"] {
  const minDelay = retry.minDelay ?? seconds(1);
  const maxDelay = retry.maxDelay ?? minutes(5);
  if (minDelay.milliseconds > maxDelay.milliseconds) {
    const rule = `must not be longer than retry.maxDelay: they are ${minDelay.milliseconds} ms and ${maxDelay.milliseconds} ms`;
    throw brokenField(name, "retry.minDelay", `${minDelay.milliseconds} ms`, rule);
  }
  return {
    attempts: requireWhole(name, "retry.attempts", retry.attempts ?? 3, 1),
    minDelayMilliseconds: minDelay.milliseconds,
    maxDelayMilliseconds: maxDelay.milliseconds,
    permanentExitCodes: (retry.permanentExitCodes ?? []).map((code) =>
      requireWhole(name, "retry.permanentExitCodes", code, 1),
    ),
  };
}

/**
 * Declares a module.
 *
 * @throws DeclarationError when a name, number or variable breaks its rule; the message names the
 *   module, the field, the rule and the value
 * @example
 * ```ts
 * const thumbnails = defineModule({ name: "thumbnails", on: transcoded, command: ["python3", "main.py"] });
 * ```
 */
export function defineModule<
  const Name extends string,
  const Subscribed extends OnOption,
  const Emitted extends readonly EventType[] = readonly [],
>(options: ModuleOptions<Name, Subscribed, Emitted>): Module<Name, Subscribed, Emitted> {
  const { name, on, joins = [], scale = {}, limits = {}, config = {}, secrets = {} } = options;
  const emits = options.emits ?? ([] as unknown as Emitted);
  const problem = findModuleNameProblem(name);
  if (problem !== undefined) {
    throw new DeclarationError([{ module: name, field: "name", value: name, message: problem }]);
  }
  checkEnvironment(name, "config", Object.keys(config));
  checkEnvironment(name, "secrets", Object.keys(secrets));
  const timeout = options.timeout ?? minutes(10);
  if (timeout.milliseconds < 1) {
    const value = `${timeout.milliseconds} ms`;
    throw brokenField(name, "timeout", value, `must be at least 1 ms: current value is ${value}`);
  }
  const spec: ModuleSpec = {
    name,
    on: listSubscriptions(on).map(({ event, filter }) => ({ type: event.type, filter })),
    emits: emits.map(({ type }) => type),
    joins: joins.map(({ type }) => type),
    ...(options.image !== undefined && { image: options.image }),
    command: options.command,
    executor: options.executor ?? process(),
    timeoutMilliseconds: timeout.milliseconds,
    retry: readRetry(name, options.retry ?? {}),
    ...(options.concurrency !== undefined && {
      concurrency: requireWhole(name, "concurrency", options.concurrency, 1),
    }),
    scale: {
      min: requireWhole(name, "scale.min", scale.min ?? 0, 0),
      max: requireWhole(name, "scale.max", scale.max ?? 1, Math.max(1, scale.min ?? 0)),
      targetQueueLength: requireWhole(name, "scale.targetQueueLength", scale.targetQueueLength ?? 10, 1),
    },
    config,
    secrets,
    limits: {
      bytes: limits.size?.bytes ?? defaultOutputLimits.bytes,
      files: requireWhole(name, "limits.files", limits.files ?? defaultOutputLimits.files, 0),
      events: requireWhole(name, "limits.events", limits.events ?? defaultOutputLimits.events, 0),
    },
    retentionMilliseconds: (options.retention ?? days(30)).milliseconds,
    ...(options.version !== undefined && { version: options.version }),
  };
  return { name, on, emits, joins, spec, origin: new Error(`module '${name}' is declared here`) };
}
