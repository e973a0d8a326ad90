import type { AzureSettings, Stack } from "./props.ts";
import type { CompleteStack } from "./stack.ts";

/** What a part of the runtime must know of where it runs; `settings.json` in its configuration folder. */
export interface RuntimeSettings {
  readonly stack: string;
  readonly namespace: string;
  readonly azure: Omit<AzureSettings, "clientIds">;
  /** How long a dispatcher drains before it hands back. */
  readonly drainSeconds: number;
  /** Executions at once, where a module doesn't say. */
  readonly concurrency: number;
}

export function runtimeSettings({
  name,
  namespace,
  azure,
  drainSeconds,
  concurrency,
}: CompleteStack): RuntimeSettings {
  const { clientIds: _, ...endpoints } = azure;
  return { stack: name, namespace, azure: endpoints, drainSeconds, concurrency };
}

/** What management renders a module's chart with, `stack.json`: all but what is the modules' own, so that a change to one leaves the platform alone. */
export function managementStack({ images: _images, modules: _modules, ...stack }: CompleteStack): Stack {
  return stack;
}

/** Makes a ConfigMap's data, a JSON file a value; on many lines, so that a reviewer sees what has changed. */
export function toFiles(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${name}.json`, `${JSON.stringify(value, null, 2)}\n`]),
  );
}
