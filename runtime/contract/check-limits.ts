import type { PipelineSpec } from "./check.ts";
import { toBytes } from "./executor.ts";
import {
  maxArgumentBytes,
  maxBatchPriority,
  maxConfigMapBytes,
  maxExecutionsPerModule,
  maxExitCode,
  maxSubscriptionsPerTopic,
  maxTimeoutSeconds,
} from "./limits.ts";
import type { ModuleSpec } from "./module.ts";
import type { Problem } from "./problem.ts";
import { formatBytes } from "./size.ts";

/** Takes a broken rule: the field, its value, and what must be so. */
type Add = (field: string, value: string, rule: string) => void;

const formatSeconds = (milliseconds: number): string => `${milliseconds / 1_000} s`;

/** A Job's deadline is a whole number of seconds. https://kubernetes.io/docs/concepts/workloads/controllers/job/ */
function checkTimeout({ timeoutMilliseconds }: ModuleSpec, add: Add): void {
  const value = formatSeconds(timeoutMilliseconds);
  if (timeoutMilliseconds < 1_000 || timeoutMilliseconds > maxTimeoutSeconds * 1_000) {
    add("timeout", value, `must be from 1 s to ${maxTimeoutSeconds} s (7 days)`);
  } else if (timeoutMilliseconds % 1_000 !== 0) {
    add("timeout", value, "must be a whole number of seconds, as the deadline of a job is");
  }
}

/** The files of a flow must outlive the last attempt on them. */
function checkRetry({ retry, timeoutMilliseconds, retentionMilliseconds }: ModuleSpec, add: Add): void {
  const { attempts, maxDelayMilliseconds, permanentExitCodes } = retry;
  const longest = attempts * timeoutMilliseconds + (attempts - 1) * maxDelayMilliseconds;
  if (longest > retentionMilliseconds) {
    const [all, kept] = [longest, retentionMilliseconds].map(formatSeconds);
    const rule = `must be so few that all of them end within the retention of ${kept}; with their timeouts and delays they may take ${all}`;
    add("retry.attempts", String(attempts), rule);
  }
  for (const code of permanentExitCodes.filter((each) => each > maxExitCode)) {
    add("retry.permanentExitCodes", String(code), `must be at most ${maxExitCode}`);
  }
}

function checkConcurrency({ concurrency, scale }: ModuleSpec, add: Add): void {
  if (concurrency === undefined || concurrency * scale.max <= maxExecutionsPerModule) return;
  const rule = `must be at most ${maxExecutionsPerModule} over all dispatchers, of which scale.max allows ${scale.max}`;
  add("concurrency", String(concurrency), rule);
}

function checkExecutor({ executor }: ModuleSpec, add: Add): void {
  if (executor.kind === "process") return;
  const { cpu, gpu } = executor;
  if (cpu !== undefined && !(cpu > 0)) add("executor.cpu", String(cpu), "must be more than 0 cores");
  if (gpu !== undefined && !(Number.isInteger(gpu) && gpu >= 0)) {
    add("executor.gpu", String(gpu), "must be a whole number of at least 0");
  }
  for (const field of ["memory", "ephemeralStorage"] as const) {
    const amount = executor[field];
    if (amount === undefined || toBytes(amount) > 0) continue;
    const value = typeof amount === "string" ? amount : formatBytes(amount.bytes);
    add(`executor.${field}`, value, "must be a Size or a quantity such as '512Mi', and more than 0");
  }
  if (executor.kind === "batch" && Math.abs(executor.priority ?? 0) > maxBatchPriority) {
    const rule = `must be from -${maxBatchPriority} to ${maxBatchPriority}`;
    add("executor.priority", String(executor.priority), rule);
  }
}

function checkTexts({ config, command }: ModuleSpec, add: Add): void {
  const texts = [
    ...Object.entries(config).map(([name, value]) => [`config.${name}`, `${name}=${value}`] as const),
    ...command.map((word, index) => [`command[${index}]`, word] as const),
  ];
  let total = 0;
  for (const [field, text] of texts) {
    const bytes = Buffer.byteLength(text);
    total += bytes;
    if (bytes > maxArgumentBytes) {
      add(field, formatBytes(bytes), `must be at most ${maxArgumentBytes} bytes; bring more as a file`);
    }
  }
  if (total > maxConfigMapBytes) {
    const rule = `must be at most ${formatBytes(maxConfigMapBytes)} with the command, which is what a ConfigMap holds`;
    add("config", formatBytes(total), rule);
  }
}

function checkSubscriptionCounts({ modules }: PipelineSpec): Problem[] {
  const subscribers = new Map<string, number>();
  for (const { on } of modules) {
    for (const type of new Set(on.map((entry) => entry.type))) {
      subscribers.set(type, (subscribers.get(type) ?? 0) + 1);
    }
  }
  return [...subscribers]
    .filter(([, count]) => count > maxSubscriptionsPerTopic)
    .map(([type, count]) => ({
      field: "on",
      value: String(count),
      message: `event type '${type}' has ${count} subscribing modules: a topic has at most ${maxSubscriptionsPerTopic} subscriptions`,
    }));
}

/** Checks a pipeline against the limits of what it runs on. */
export function checkLimits(pipeline: PipelineSpec): Problem[] {
  const problems: Problem[] = checkSubscriptionCounts(pipeline);
  for (const module of pipeline.modules) {
    const { name } = module;
    const add: Add = (field, value, rule) => {
      const message = `module '${name}': ${field} ${rule}: current value is ${value}`;
      problems.push({ module: name, field, value, message });
    };
    for (const check of [checkTimeout, checkRetry, checkConcurrency, checkExecutor, checkTexts]) {
      check(module, add);
    }
  }
  return problems;
}
